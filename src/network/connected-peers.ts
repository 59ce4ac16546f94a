import { addressOfPeer } from './identity.ts'
import type { PeerId } from '@libp2p/interface'
import type { ConnectedPeer } from '../interface/network.ts'

/** Who is connected, found by address or peer id. */
export class ConnectedPeers {
  readonly #byPeerId = new Map<string, { id: PeerId, peer: ConnectedPeer }>()
  readonly #byAddress = new Map<string, ConnectedPeer>()

  /** Notes a peer. Does nothing when it is known. */
  add (id: PeerId): ConnectedPeer {
    const known = this.#byPeerId.get(id.toString())
    if (known !== undefined) {
      return known.peer
    }
    const peer = peerOf(id)
    this.#byPeerId.set(peer.peerId, { id, peer })
    if (peer.address !== undefined) {
      this.#byAddress.set(peer.address, peer)
    }
    return peer
  }

  /** Forgets a peer. */
  remove (peerId: string): void {
    const address = this.#byPeerId.get(peerId)?.peer.address
    this.#byPeerId.delete(peerId)
    if (address !== undefined) {
      this.#byAddress.delete(address)
    }
  }

  /** Finds a peer by its address, in any case, or its peer id. */
  find (name: string): ConnectedPeer | undefined {
    return this.#byPeerId.get(name)?.peer ?? this.#byAddress.get(name.toLowerCase())
  }

  /** The peer id as libp2p has it. */
  idOf (peerId: string): PeerId | undefined {
    return this.#byPeerId.get(peerId)?.id
  }
}

/** A peer as its handshake proved it. */
export function peerOf (id: PeerId): ConnectedPeer {
  return { address: addressOfPeer(id), peerId: id.toString() }
}
