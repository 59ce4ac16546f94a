import { signDigest } from '../../src/format/address.ts'
import { encodeDelegation, signDelegation } from '../../src/format/delegation.ts'
import { identityOf } from './support.ts'
import type { Delegation, SignedDelegation } from '../../src/interface/delegation.ts'
import type { ConnectedPeer } from '../../src/interface/network.ts'
import type { Address } from '../../src/interface/primitives.ts'

/** When it is made and when it ends, in seconds, and by which key. */
export interface Terms {
  time?: number
  until?: number
  by?: number
}

/** The key of a wallet or node, by number. */
export const keyOf = (n: number): Uint8Array => Buffer.from(n.toString(16).padStart(64, '0'), 'hex')

/** Signs with that key. */
export const signWith = (n: number) => (digest: Uint8Array): Promise<Uint8Array> => Promise.resolve(signDigest(digest, keyOf(n)))

/** Its address. */
export const addressOf = (n: number): Address => identityOf(n).address

/** The number of the wallet that delegates in these tests, unless it is said. */
export const walletKey = 150

/** What a wallet signs to let a node speak. */
export async function delegate (to: number, { time = 1000, until = 2000, by = walletKey }: Terms = {}): Promise<Delegation> {
  return await signDelegation({ node: addressOf(to), until: String(until), time: String(time) }, signWith(by))
}

/** As it is shown. */
export async function shown (to: number, terms: Terms = {}): Promise<Uint8Array> {
  return encodeDelegation(await delegate(to, terms))
}

/** As it is known once it was read. */
export async function signed (to: number, terms: Terms = {}): Promise<SignedDelegation> {
  return { delegation: await delegate(to, terms), wallet: addressOf(terms.by ?? walletKey) }
}

/** A connected peer with that key. */
export function peerOf (n: number): ConnectedPeer {
  const { address, peerId } = identityOf(n)
  return { address, peerId }
}
