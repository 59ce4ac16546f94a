import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { base58btc } from 'multiformats/bases/base58'
import { create } from 'multiformats/hashes/digest'
import { describe, expect, it, onTestFinished } from 'vitest'
import { encodeCarHeader, encodeCarSectionHead } from '../../src/format/car-sections.ts'
import { concat } from '../../src/format/protobuf.ts'
import { encodeVarint } from '../../src/format/varint.ts'
import { blockBytesMax, entriesMax } from '../../src/limits.ts'
import { noise } from '../format/dags.ts'
import { carOf } from '../transfer/http-support.ts'
import { badTasks } from './bad-tasks.ts'
import { attackNode, fetchGrowthMax, makeBundle, nameOf, serveGrowthMax, useStage } from './stage.ts'
import type { Dag } from '../format/dags.ts'

const stage = useStage()
const digest = new Uint8Array(32).fill(9)
const root = CID.createV1(0x70, create(0x12, digest)).toString()

const invalid = 'InvalidReferenceError'

/** References that name no bundle. */
const references: [what: string, ref: string, error: string][] = [
  ['an empty reference', '', invalid],
  ['200 KB of base58', `z${base58btc.encode(noise(100, 1)).repeat(1500)}`, invalid],
  ['2,000 characters of base58', `z${base58btc.encode(noise(1400, 1)).slice(1)}`, invalid],
  ['a CID of another codec', CID.createV1(0x71, create(0x12, digest)).toString(), invalid],
  ['a CID by another hash', CID.createV1(0x70, create(0x13, noise(64, 1))).toString(), invalid],
  ['a CID by an identity hash', CID.createV1(0x70, create(0, digest)).toString(), invalid],
  ['a CID with a truncated digest', CID.createV1(0x70, create(0x12, digest.subarray(0, 20))).toString(), invalid],
  ['a path inside a bundle', `/ipfs/${root}/../../etc/passwd`, invalid],
  ['a name of IPNS', '/ipns/example.org', 'ForeignReferenceError'],
  ['a URN of another system', `urn:blob:v2:s3:bucket:key`, 'ForeignReferenceError'],
  ['a ticket with 100,000 providers', `ipfs://${root}?${'provider=/ip4/127.0.0.1/tcp/1&'.repeat(100_000)}`, invalid],
  ['a ticket with garbage for providers', `ipfs://${root}?provider=%ff%fe&provider=/dns4/%00/tcp/x&provider=/p2p/${'Q'.repeat(500)}`, 'UnavailableError']
]

const unreadable = 'SourceUnreadableError'

/** What a host may name as a source by mistake; `at` is a directory of its own. */
const sources: [what: string, make: (at: string) => Promise<string>, error: string][] = [
  ['a symbolic link', async (at) => { await symlink('/etc/passwd', join(at, 'link')); return join(at, 'link') }, unreadable],
  ['a symbolic link in a directory', async (at) => { await symlink('/etc', join(at, 'link')); return at }, unreadable],
  ['a pipe', async (at) => { execFileSync('mkfifo', [join(at, 'pipe')]); return await Promise.resolve(join(at, 'pipe')) }, unreadable],
  ['a pipe in a directory', async (at) => { execFileSync('mkfifo', [join(at, 'pipe')]); return await Promise.resolve(at) }, unreadable],
  ['a socket', async at => await listenAt(join(at, 'socket')), unreadable],
  ['a device without end', async () => await Promise.resolve('/dev/zero'), unreadable],
  ['nothing', async at => await Promise.resolve(join(at, 'missing')), unreadable],
  ['too many entries', async (at) => { await fill(at, entriesMax + 1); return at }, 'LimitExceededError'],
  ['directories too deep', async (at) => { await mkdir(join(at, ...Array.from({ length: 40 }, () => 'd')), { recursive: true }); return at }, 'InvalidNameError'],
  ['a name with a control character', async (at) => { await writeFile(join(at, 'a\nb'), ''); return at }, 'InvalidNameError']
]

type MakeCar = (dag: Dag) => Uint8Array
const message = 'InvalidMessageError'

/** Files that are no CAR of a bundle. */
const cars: [what: string, make: MakeCar, error: string][] = [
  ['nothing', () => new Uint8Array(), message],
  ['garbage', () => noise(1 << 20, 5), message],
  ['a huge header', () => concat([encodeVarint(2 ** 28 - 1), noise(1 << 20, 5)]), 'LimitExceededError'],
  ['a huge section', ({ root }) => concat([encodeCarHeader(root), encodeVarint(2 ** 28 - 1), root.bytes, noise(1 << 20, 5)]), 'LimitExceededError'],
  ['a block over 2 MiB', ({ root }) => concat([encodeCarHeader(root), encodeCarSectionHead(root, blockBytesMax + 1), noise(blockBytesMax + 1, 5)]), 'LimitExceededError'],
  ['padding with zeros', dag => concat([carOf(dag, dag.blocks), new Uint8Array(1000)]), message],
  ['a block that does not hash to its CID', dag => carOf(dag, dag.blocks.map(({ cid, bytes }, at) => ({ cid, bytes: at === 2 ? bytes.map(byte => byte ^ 1) : bytes }))), message],
  ['a missing block', dag => carOf(dag, dag.blocks.toSpliced(3, 1)), 'NotStoredError'],
  ['no end', dag => carOf(dag, dag.blocks).subarray(0, -50), message],
  ['two roots', ({ root, blocks }) => withHeader({ roots: [root, blocks[1]?.cid], version: 1 }), message],
  ['no root', () => withHeader({ roots: [], version: 1 }), message],
  ['version 2', () => withHeader({ version: 2 }), message],
  ['roots that are none', () => withHeader({ roots: ['x', 7], version: 1 }), message]
]

function withHeader (header: unknown): Uint8Array {
  const bytes = encode(header)
  return concat([encodeVarint(bytes.length), bytes])
}

async function listenAt (path: string): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => { server.listen(path, resolve) })
  onTestFinished(async () => { await new Promise((resolve) => { server.close(resolve) }) })
  return path
}

async function fill (at: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await writeFile(join(at, String(n)), '')
}

let directories = 0

async function newDirectory (): Promise<string> {
  const path = join(stage.directory, `d${directories++}`)
  await mkdir(path)
  onTestFinished(async () => { await rm(path, { recursive: true }) })
  return path
}

describe('a node that is given', () => {
  it.each(references)('%s for a reference refuses it, or finds nobody', async (what, ref, error) => {
    await attackNode(stage, { attack: `reference: ${what}`, growthMax: fetchGrowthMax }, async (during) => {
      const [outcome] = await Promise.all([stage.node.call('fetch', { ref, providers: [] }), during()])
      expect(nameOf(outcome), outcome.error?.message).toBe(error)
      return nameOf(outcome)
    })
  })

  it.each(sources)('%s to publish refuses it', async (what, make, error) => {
    const path = await make(await newDirectory())
    const { roots } = await stage.node.call('stored', {})
    await attackNode(stage, { attack: `source: ${what}`, growthMax: fetchGrowthMax }, async (during) => {
      const outcome = await stage.node.call('publishPath', { path })
      await during()
      expect(nameOf(outcome), outcome.error?.message).toBe(error)
      expect((await stage.node.call('stored', {})).roots).toEqual(roots)
      return nameOf(outcome)
    })
  })

  it.each(badTasks)('a task with $what to publish refuses it', async ({ what, error }) => {
    await attackNode(stage, { attack: `task: ${what}`, growthMax: serveGrowthMax }, async (during) => {
      const { roots } = await stage.node.call('stored', {})
      const [outcome] = await Promise.all([stage.node.call('publishBad', { what }), during()])
      expect(nameOf(outcome), outcome.error?.message).toBe(error)
      expect((await stage.node.call('stored', {})).roots).toEqual(roots)
      return nameOf(outcome)
    })
  })

  it('a source that changes while it is read publishes nothing of it', async () => {
    const path = join(await newDirectory(), 'growing')
    await writeFile(path, noise(32 << 20, 1))
    await attackNode(stage, { attack: 'source: a file that changes', growthMax: serveGrowthMax }, async (during) => {
      const ended = new AbortController()
      const publishing = stage.node.call('publishPath', { path }).finally(() => { ended.abort() })
      for (let n = 0; n < 10_000 && !ended.signal.aborted; n++) {
        await appendFile(path, 'more')
        await setImmediate()
      }
      const outcome = await publishing
      await during()
      expect(nameOf(outcome), outcome.error?.message).toBe('SourceChangedError')
      return nameOf(outcome)
    })
  })

  it.each(cars)('%s in the place of a CAR imports nothing', async (what, make, error) => {
    const dag = await makeBundle(stage)
    const path = join(await newDirectory(), 'bad.car')
    await writeFile(path, make(dag))
    const { roots } = await stage.node.call('stored', {})
    await attackNode(stage, { attack: `CAR: ${what}`, growthMax: fetchGrowthMax }, async (during) => {
      const outcome = await stage.node.call('importCar', { path, readers: 'anyone' })
      await during()
      expect(nameOf(outcome), outcome.error?.message).toBe(error)
      expect((await stage.node.call('stored', {})).roots).toEqual(roots)
      return nameOf(outcome)
    })
  })
})
