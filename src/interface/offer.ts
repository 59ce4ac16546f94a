import type { CID } from 'multiformats/cid'
import type { AbortOptions, Address } from './primitives.ts'

/** How long to wait for routers to hold a result. */
export interface ConfirmOptions extends AbortOptions {
  /** Milliseconds after which it is given up, with a {@link NotConfirmedError}. */
  confirmTimeoutMs?: number
}

/** How to reveal a result. */
export interface RevealOptions extends ConfirmOptions {
  /** Resolves when so many of this node's routers have fetched, checked and hold it. By default no other node is asked. */
  confirm?: number
}

/** A result that a miner offers to this node, before anything of it is fetched. */
export interface ResultOffer {
  /** Root of the result. */
  cid: CID
  /** Root of the task bundle that it is said to answer; a result of any other one is not kept. */
  task: CID
  /**
   * Address of the peer that offers it, proven by the handshake, or of the wallet that it speaks for, proven by its delegation.
   * The result has to name it, and be signed by it or for it.
   */
  miner: Address
}

/** Which results this node takes from miners that want to be sure that they are held. */
export interface OfferOptions {
  /**
   * Whose: `'readers'` for results of tasks that this node published and holds, from the miners that the list of their readers
   * names; `'nobody'`; or a function that decides alone, which is the way to take results of a task that anyone may read, whose
   * readers a function decides on, or that another node published. Default: `'readers'`.
   */
  from?: 'readers' | 'nobody' | ((offer: ResultOffer) => boolean | Promise<boolean>)
  /** Larger ones are refused, at the header where the size is known. Default: 64 MiB. */
  bytesMax?: number
}

/** How an offer is answered. */
export type OfferStatus = 'unknown' | 'held' | 'refused' | 'busy' | 'unavailable' | 'no-room' | 'not-accepted' | 'bad-request'

/** What a router said to an offer, or what came instead. */
export interface RouterAnswer {
  /** As it was given to `createDataNode`. */
  router: string
  /** Once it was connected. */
  address?: Address
  /**
   * `held`: fetched, checked and held; `refused`: it did not ask for such a result; `busy`: it has too much to do;
   * `unavailable`: it could not be fetched or stored; `no-room`: it is too large, one too many, or the disk is full;
   * `not-accepted`: it is not what it has to be; `bad-request`, `unknown`: refused in another way; `not-a-reader`: it was not
   * asked because it may not read the result; `unsupported`: it takes no offers; `unreachable`: not connected; `silent`: it did
   * not answer.
   */
  said: OfferStatus | 'not-a-reader' | 'unsupported' | 'unreachable' | 'silent'
  /** In words. */
  reason: string
}

/** A root that is offered, and the root that it answers. */
export interface Offer {
  root: CID
  answers: CID
  /** JSON bytes, unchecked: by which the side that offers says that it speaks for a wallet. */
  delegation?: Uint8Array
}

/** The answer to an offer. */
export interface OfferAnswer {
  status: OfferStatus
  retryAfterMs?: number | undefined
  /** For people: never acted on. */
  reason?: string | undefined
}
