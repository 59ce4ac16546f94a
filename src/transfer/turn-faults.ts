import { CorruptTransferError, PeerUnreachableError } from '../errors.ts'
import type { ConnectedPeer } from '../interface/network.ts'
import type { CID } from 'multiformats/cid'

/** Errors about one provider that was asked for a DAG: each names both. */
export class TurnFaults {
  readonly #peer: ConnectedPeer
  readonly #root: CID

  constructor (peer: ConnectedPeer, root: CID) {
    this.#peer = peer
    this.#root = root
  }

  get name (): string {
    return this.#peer.address ?? this.#peer.peerId
  }

  details (cause?: unknown): { peer: string, root: string, cause?: unknown } {
    return { peer: this.#peer.peerId, root: this.#root.toString(), cause }
  }

  corrupt (what: string, cause?: unknown): CorruptTransferError {
    return new CorruptTransferError(`${this.name} ${what}`, this.details(cause))
  }

  unreadable (cause: unknown): CorruptTransferError {
    return this.corrupt(`sent what cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
  }

  lost (what: string, cause?: unknown): PeerUnreachableError {
    return new PeerUnreachableError(`${this.name} ${what}`, this.details(cause))
  }
}
