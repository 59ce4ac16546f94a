import { setMaxListeners } from 'node:events'
import { peerIdFromString } from '@libp2p/peer-id'
import { sha256 } from 'multiformats/hashes/sha2'
import { equals } from 'multiformats/bytes'
import { InvalidArgumentError, UnavailableError } from '../errors.ts'
import { untilAborted } from '../format/until-aborted.ts'
import { bitswapRepeatMs, fetchStallTimeoutMs } from '../limits.ts'
import type { CID } from 'multiformats/cid'
import type { ConnectedPeer } from '../interface/network.ts'
import type { BlockReader } from '../interface/store.ts'
import type { BitswapSessions } from './compose.ts'

/** What reading by bitswap needs. */
export interface BitswapReaderComponents {
  sessions: BitswapSessions
  isConnected: (peerId: string) => boolean
  /** Aborted when the node stops. */
  stopped: AbortSignal
}

/**
 * Reads blocks by bitswap from these peers and no others, one peer at a time: the one that answered last is asked first.
 * A block is asked for again while there is no answer, because Helia ignores a want that it served moments before.
 */
export function bitswapReader (
  root: CID, peers: readonly ConnectedPeer[], components: BitswapReaderComponents
): Pick<BlockReader, 'get'> {
  let first = 0
  return {
    async get (cid, { signal } = {}) {
      signal?.throwIfAborted()
      if (cid.multihash.code !== sha256.code) {
        throw new InvalidArgumentError(`${cid.toString()} is not a sha2-256 CID`, { cid: cid.toString() })
      }
      const attempts: { peer: string, reason: string }[] = []
      for (let i = 0; i < peers.length; i++) {
        const index = (first + i) % peers.length
        const peerId = peers[index]?.peerId ?? ''
        try {
          const bytes = await askOne(cid, peerId, components, signal)
          first = index
          return bytes
        } catch (error) {
          signal?.throwIfAborted()
          components.stopped.throwIfAborted()
          attempts.push({ peer: peerId, reason: error instanceof Error ? error.message : String(error) })
        }
      }
      throw new UnavailableError(
        `None of ${peers.length} peers sent block ${cid.toString()} of ${root.toString()} by bitswap`,
        { cid: cid.toString(), attempts })
    }
  }
}

/** The caller's signal is not handed on: it may live long, and every question adds listeners. */
async function askOne (
  cid: CID, peerId: string, { sessions, isConnected, stopped }: BitswapReaderComponents, signal?: AbortSignal
): Promise<Uint8Array> {
  const done = new AbortController()
  const either = AbortSignal.any([done.signal, stopped, ...signal ? [signal] : []])
  either.throwIfAborted()
  setMaxListeners(0, either)
  const answer = Promise.withResolvers<Uint8Array>()
  const ask = (): void => {
    if (isConnected(peerId)) retrieve(sessions, cid, peerId, either).then(answer.resolve, answer.reject)
    else answer.reject(new Error('the peer is not connected'))
  }
  const again = setInterval(ask, bitswapRepeatMs)
  const deadline = setTimeout(() => {
    answer.reject(new Error(`the peer did not answer within ${fetchStallTimeoutMs} ms`))
  }, fetchStallTimeoutMs)
  try {
    ask()
    return await untilAborted(answer.promise, either)
  } finally {
    clearInterval(again)
    clearTimeout(deadline)
    done.abort()
  }
}

/** A session is for one block: it never asks a peer again that failed it once. The block is a view of a whole message. */
async function retrieve (sessions: BitswapSessions, cid: CID, peerId: string, signal: AbortSignal): Promise<Uint8Array> {
  const session = sessions.createSession({ providers: [peerIdFromString(peerId).toCID()], minProviders: 1, maxProviders: 1 })
  const bytes = await session.retrieve?.(cid, { signal })
  if (bytes === undefined || !equals((await sha256.digest(bytes)).digest, cid.multihash.digest)) {
    throw new Error('the block does not hash to its CID')
  }
  return new Uint8Array(bytes)
}
