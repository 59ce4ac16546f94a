import { sha256 } from '@noble/hashes/sha2.js'
import { TimedOutError } from '../errors.ts'
import { cidOf } from '../format/digest.ts'
import { toHex } from '../format/hex.ts'
import { encodeRequest } from '../format/messages.ts'
import { headerTimeoutMs } from '../limits.ts'
import { withDeadline } from './deadline.ts'
import type { ConnectedPeer } from '../interface/network.ts'
import type { StreamPool } from './stream-pool.ts'

/**
 * Shows a peer for which wallet this node speaks, so that it finds this node by the wallet's address before it was asked for
 * anything: asks for a root that nobody has, because what counts goes with any request. Never rejects: that it could not is said
 * when it is asked for something that only the wallet may read.
 */
export async function showDelegation (pool: StreamPool, peer: ConnectedPeer, stopped: AbortSignal): Promise<void> {
  const timedOut = (): Error => new TimedOutError(`${peer.peerId} did not answer`)
  try {
    await withDeadline(headerTimeoutMs, stopped, timedOut, async signal => {
      const pooled = await pool.take(peer, signal)
      try {
        const { show, stream, pieces } = pooled
        if (show === undefined) return
        stream.send(encodeRequest({ root: cidOf(toHex(sha256(show))), mode: 'block', from: [], to: undefined, since: [], delegation: show }))
        await pieces.next(headerTimeoutMs, timedOut)
      } finally {
        pool.drop(peer.peerId, pooled, new TimedOutError('The stream is not needed any more'))
      }
    })
  } catch { /* Said above. */ }
}
