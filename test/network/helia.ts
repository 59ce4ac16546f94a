import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { identify } from '@libp2p/identify'
import { peerIdFromString } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createHeliaLight } from 'helia'
import { onTestFinished } from 'vitest'
import { loopback } from './support.ts'
import type { HeliaWithLibp2p } from '@helia/libp2p'
import type { Libp2p } from '@libp2p/interface'
import type { Libp2pOptions } from 'libp2p'
import type { CID } from 'multiformats/cid'

/** Helia as anyone composes it. */
export type PlainHelia = HeliaWithLibp2p<Record<string, unknown>>

/** What a plain libp2p node is made of. */
export function libp2pInit (): Libp2pOptions {
  return {
    addresses: { listen: loopback },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() }
  }
}

/** Starts one with bitswap, which is stopped after the test. */
export async function startHelia (): Promise<PlainHelia> {
  const helia = withBitswap(withLibp2pLight(createHeliaLight(), libp2pInit()))
  await helia.start()
  onTestFinished(async () => { await helia.stop() })
  return helia
}

export function addressOf ({ libp2p }: { libp2p: Libp2p }): string {
  return String(libp2p.getMultiaddrs()[0])
}

/** Connects it, and waits until it knows that the other side speaks bitswap. */
export async function dial ({ libp2p }: PlainHelia, address: string): Promise<void> {
  const identified = new Promise((resolve) => { libp2p.addEventListener('peer:identify', resolve) })
  await libp2p.dial(multiaddr(address))
  await identified
}

/** Reads a block by bitswap from one peer. */
export async function readFrom (
  helia: PlainHelia, cid: CID, peerId: string, signal: AbortSignal = AbortSignal.timeout(10_000)
): Promise<Uint8Array> {
  const session = helia.blockstore.createSession(cid, {
    providers: [peerIdFromString(peerId).toCID()], minProviders: 1, maxProviders: 1
  })
  return Buffer.concat(await Array.fromAsync(session.get(cid, { signal })))
}
