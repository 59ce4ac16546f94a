import { equals } from 'multiformats/bytes'
import { delegationAt } from '../format/delegated.ts'
import { readDelegation } from '../format/delegation.ts'
import { shownDelegationsMax } from '../limits.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { Logger } from '../interface/data-node.ts'
import type { ConnectedPeer } from '../interface/network.ts'
import type { Address } from '../interface/primitives.ts'
import type { KnownDelegations } from './known-delegations.ts'

/** What it is made of. */
export interface PeerDelegationsInit {
  known: Pick<KnownDelegations, 'note' | 'of'>
  /** Milliseconds since 1970. */
  clock: () => number
  log: Logger
}

/** What one connected peer has shown. */
interface Shown {
  peer: ConnectedPeer
  /** The last one: whoever shows the same again costs nothing. */
  bytes: Uint8Array
  /** Undefined when it was none of this peer. */
  signed: SignedDelegation | undefined
  count: number
}

/**
 * For which wallets connected peers speak, by the delegations that they have shown: each is checked once a connection, and counts
 * as long as it lasts, the peer is connected, and no later one of its wallet is known.
 */
export class PeerDelegations {
  readonly #init: PeerDelegationsInit
  readonly #shown = new Map<string, Shown>()

  constructor (init: PeerDelegationsInit) {
    this.#init = init
  }

  /**
   * Notes what a peer shows. False for what nobody shows by mistake: it is no delegation, or names another node. What is over or
   * revoked is no fault, and does not count.
   */
  readonly show = (peer: ConnectedPeer, bytes: Uint8Array): boolean => {
    const before = this.#shown.get(peer.peerId)
    if (before !== undefined && equals(before.bytes, bytes)) return before.signed !== undefined
    const count = (before?.count ?? 0) + 1
    // Finding who signed takes longer than asking it to be found.
    if (count > shownDelegationsMax) return false
    const signed = this.#read(peer, bytes)
    this.#shown.set(peer.peerId, { peer, bytes, signed, count })
    return signed !== undefined
  }

  /** The wallet that a peer speaks for now; undefined when there is none. */
  readonly walletOf = ({ peerId }: ConnectedPeer): Address | undefined => {
    const signed = this.#shown.get(peerId)?.signed
    return signed !== undefined && this.#counts(signed) ? signed.wallet : undefined
  }

  /** As whose counts what a peer says while it shows this: its wallet's, else its own. Undefined where it has no address. */
  readonly accountOf = (peer: ConnectedPeer, shown: Uint8Array | undefined): Address | undefined => {
    if (shown !== undefined) this.show(peer, shown)
    return this.walletOf(peer) ?? peer.address
  }

  /** The connected peer that speaks for a wallet now. */
  find (name: string): ConnectedPeer | undefined {
    const wallet = name.toLowerCase()
    for (const { signed, peer } of this.#shown.values()) {
      if (signed?.wallet === wallet && this.#counts(signed)) return peer
    }
    return undefined
  }

  /** A peer is not connected any more. */
  forget (peerId: string): void {
    this.#shown.delete(peerId)
  }

  #read ({ address, peerId }: ConnectedPeer, bytes: Uint8Array): SignedDelegation | undefined {
    const { known, log } = this.#init
    try {
      const signed = readDelegation(bytes)
      if (signed.delegation.node === address) {
        known.note(signed)
        return signed
      }
      log(`delegation: ${peerId} shows that of ${signed.wallet} for ${signed.delegation.node}, and is not that node`)
    } catch (error) {
      log(`delegation: ${peerId} shows something else: ${error instanceof Error ? error.message : String(error)}`)
    }
    return undefined
  }

  #counts (signed: SignedDelegation): boolean {
    const { delegation: { node }, wallet } = signed
    const { known, clock } = this.#init
    const time = String(Math.floor(clock() / 1000))
    return delegationAt([signed, ...known.of(wallet)], { wallet, node, time }) !== undefined
  }
}
