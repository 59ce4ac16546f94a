import { createIdentity } from '../../src/network/identity.ts'
import { createNetwork } from '../../src/network/network.ts'
import { NotStoredError } from '../../src/errors.ts'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { onTestFinished } from 'vitest'
import type { NodeIdentity } from '../../src/network/identity.ts'
import type { NetworkInit } from '../../src/network/network.ts'
import type { Network } from '../../src/interface/network.ts'
import type { BlockReader } from '../../src/interface/store.ts'

/** The n-th key: a number, so that the same identity appears in every run. */
export function keyOf (n: number): Uint8Array {
  const key = new Uint8Array(32)
  new DataView(key.buffer).setUint32(28, n)
  return key
}

export function identityOf (n: number): NodeIdentity {
  return createIdentity(keyOf(n))
}

/** A raw block and its CID. */
export async function blockOf (text: string): Promise<{ cid: CID, bytes: Uint8Array }> {
  const bytes = new TextEncoder().encode(text)
  return { cid: CID.createV1(raw.code, await sha256.digest(bytes)), bytes }
}

/** A reader over blocks in memory that notes which CIDs were asked for. */
export function readerOf (...blocks: { cid: CID, bytes: Uint8Array }[]): BlockReader & { asked: string[] } {
  const byCid = new Map(blocks.map(({ cid, bytes }) => [cid.toString(), bytes]))
  const asked: string[] = []
  return {
    asked,
    has: async cid => byCid.has(cid.toString()),
    get: async (cid) => {
      asked.push(cid.toString())
      return byCid.get(cid.toString()) ?? notStored(cid)
    }
  }
}

function notStored (cid: CID): never {
  throw new NotStoredError(`${cid.toString()} is not stored`)
}

/** Lines that were logged, and a way to wait for one. */
export class Lines {
  readonly all: string[] = []
  readonly #waiting = new Set<() => void>()

  readonly log = (line: string): void => {
    this.all.push(line)
    for (const check of this.#waiting) {
      check()
    }
  }

  async until (text: string, count = 1): Promise<void> {
    const signal = AbortSignal.timeout(20_000)
    await new Promise<void>((resolve, reject) => {
      const check = (): void => {
        if (this.all.filter(line => line.includes(text)).length >= count) {
          this.#waiting.delete(check)
          resolve()
        }
      }
      signal.addEventListener('abort', () => { reject(new Error(`"${text}" was not logged: ${this.all.join('\n')}`)) })
      this.#waiting.add(check)
      check()
    })
  }
}

/** A started network that is stopped after the test. */
export async function startNetwork (
  n: number, init: Partial<Omit<NetworkInit, 'identity'>> = {}
): Promise<Network & { identity: NodeIdentity, lines: Lines }> {
  const identity = identityOf(n)
  const lines = new Lines()
  const network = await createNetwork({
    identity, publicBlocks: readerOf(), routers: [], log: lines.log, random: () => 0, ...init
  })
  onTestFinished(() => network.stop())
  return Object.assign(network, { identity, lines })
}

/** Listens on loopback, on a port that the system chooses. */
export const loopback: string[] = ['/ip4/127.0.0.1/tcp/0']

/** The one address of a network that listens. */
export function addressOfNetwork ({ multiaddrs }: Network): string {
  const [address] = multiaddrs
  if (address === undefined) {
    throw new Error('it listens nowhere')
  }
  return address
}

/** Host and port of a network that listens on loopback. */
export function portOf (network: Network): number {
  return Number(/\/tcp\/(\d+)/.exec(addressOfNetwork(network))?.[1])
}
