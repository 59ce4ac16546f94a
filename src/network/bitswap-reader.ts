import { hash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { equals } from 'multiformats/bytes'
import { DataNodeError, InvalidArgumentError, UnavailableError } from '../errors.ts'
import { isWholeSha256 } from '../format/bitswap-message.ts'
import type { CID } from 'multiformats/cid'
import type { BitswapOptions, ConnectedPeer } from '../interface/network.ts'
import type { BlockReader } from '../interface/store.ts'
import type { AskOptions } from './bitswap-asks.ts'

/** The empty block is known without being asked for. Kubo says that it does not have it, also when it does. */
const digestOfNothing: Uint8Array = hash('sha256', '', 'buffer')

/** What reading by bitswap needs. */
export interface BitswapReaderComponents {
  /** Asks one peer for one block. */
  ask: (peerId: string, cid: CID, options: AskOptions) => Promise<Uint8Array>
  /** Aborted when the node stops. */
  stopped: AbortSignal
}

/**
 * Reads blocks by bitswap from these peers and no others, one peer at a time: the one that answered last is asked first.
 *
 * `get` rejects with what is wrong with the one peer, or with {@link UnavailableError} that says it of each.
 */
export function bitswapReader (
  root: CID, peers: readonly ConnectedPeer[], { ask, stopped }: BitswapReaderComponents, { onProgress }: BitswapOptions = {}
): Pick<BlockReader, 'get'> {
  let first = 0
  return {
    async get (cid, { signal } = {}) {
      signal?.throwIfAborted()
      if (!isWholeSha256(cid)) throw new InvalidArgumentError(`${cid.toString()} is not a sha2-256 CID`, { cid: cid.toString() })
      if (equals(cid.multihash.digest, digestOfNothing)) return new Uint8Array()
      const either = AbortSignal.any([stopped, ...signal ? [signal] : []])
      setMaxListeners(0, either)
      const attempts: { peer: string, reason: string }[] = []
      let cause: unknown
      for (let i = 0; i < peers.length; i++) {
        const index = (first + i) % peers.length
        const peerId = peers[index]?.peerId ?? ''
        try {
          const bytes = await ask(peerId, cid, { signal: either, onProgress })
          first = index
          return bytes
        } catch (error) {
          either.throwIfAborted()
          if (peers.length === 1 && error instanceof DataNodeError) throw error
          attempts.push({ peer: peerId, reason: error instanceof Error ? error.message : String(error) })
          cause = error
        }
      }
      throw new UnavailableError(
        `None of ${peers.length} peers sent block ${cid.toString()} of ${root.toString()} by bitswap`,
        { cid: cid.toString(), attempts, cause })
    }
  }
}
