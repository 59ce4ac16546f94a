import { CorruptTransferError, DataNodeError, RefusedError, TimedOutError, UnavailableError } from '../errors.ts'
import { bitswapAheadMax } from '../limits.ts'
import { withDeadline } from './deadline.ts'
import type { CID } from 'multiformats/cid'
import type { ConnectedPeer, Network } from '../interface/network.ts'
import type { BlockReader } from '../interface/store.ts'
import type { ProviderTurn } from './provider-turn.ts'

/**
 * Asks one provider that does not speak our protocol for what is missing, block by block, a few at the same time.
 * Bitswap knows neither who may read nor how much there is.
 *
 * @throws {@link UnavailableError} it does not have a block; {@link TimedOutError} it stalled
 * @throws {@link CorruptTransferError} it sent something else
 */
export async function askByBitswap (network: Pick<Network, 'bitswap'>, peer: ConnectedPeer, turn: ProviderTurn): Promise<void> {
  await askForBlocks(onProgress => network.bitswap(turn.frontier.root, [peer], { onProgress }), peer.peerId, turn)
}

/**
 * Asks somebody who gives blocks one by one for those that are missing, a few at the same time. Rejects as for bitswap. `open`
 * is told what to call when a part of a block has come: on a slow link a block takes longer than a peer may be silent.
 */
export async function askForBlocks (
  open: (onProgress: () => void) => Pick<BlockReader, 'get'>, name: string, turn: ProviderTurn
): Promise<void> {
  const { frontier, signal, stallTimeoutMs } = turn
  const ended = new AbortController()
  const onAbort = (): void => { ended.abort(signal.reason) }
  signal.addEventListener('abort', onAbort, { once: true })
  let hasAnswered = false
  turn.onAsk()
  let onProgress = (): void => {}
  const window = new WantWindow(open(() => { onProgress() }), ended.signal)
  try {
    for (let step = frontier.expected; step !== undefined && !frontier.isComplete; step = frontier.expected) {
      const { cid } = step
      const wanted = window.want(cid)
      for (const next of frontier.ahead(bitswapAheadMax - 1)) void window.want(next)
      const bytes = await withDeadline(stallTimeoutMs, signal, () => stalled(name, cid, stallTimeoutMs), (_, renew) => {
        onProgress = renew
        return wanted
      }).catch((error: unknown) => { throw blockError(error, name, cid, signal) })
      window.forget(cid)
      turn.onBytes(bytes.length)
      if (!hasAnswered) turn.onHeader({ status: 'ok', access: 'anyone' })
      hasAnswered = true
      frontier.accept(cid, bytes, name)
      turn.onBlocks()
      await frontier.room()
      await turn.pace(bytes.length)
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    ended.abort(new UnavailableError('The block is not wanted any more'))
  }
}

/** Blocks that are asked for and not used yet. */
class WantWindow {
  readonly #blocks: Pick<BlockReader, 'get'>
  readonly #signal: AbortSignal
  readonly #wants = new Map<string, Promise<Uint8Array>>()

  constructor (blocks: Pick<BlockReader, 'get'>, signal: AbortSignal) {
    this.#blocks = blocks
    this.#signal = signal
  }

  want (cid: CID): Promise<Uint8Array> {
    const key = cid.toString()
    const known = this.#wants.get(key)
    if (known !== undefined || this.#wants.size > bitswapAheadMax) return known ?? this.#ask(cid)
    const want = this.#ask(cid)
    this.#wants.set(key, want)
    return want
  }

  forget (cid: CID): void {
    this.#wants.delete(cid.toString())
  }

  #ask (cid: CID): Promise<Uint8Array> {
    const want = this.#blocks.get(cid, { signal: this.#signal })
    // It may fail before it is its turn, or never be needed.
    want.catch(() => {})
    return want
  }
}

function stalled (peer: string, cid: CID, timeoutMs: number): TimedOutError {
  return new TimedOutError(`${peer} did not send block ${cid.toString()} for ${timeoutMs} ms`, { peer, cid: cid.toString() })
}

function blockError (error: unknown, peer: string, cid: CID, signal: AbortSignal): unknown {
  signal.throwIfAborted()
  if (error instanceof TimedOutError || error instanceof CorruptTransferError || error instanceof RefusedError) return error
  const why = error instanceof DataNodeError || error instanceof Error ? error.message : String(error)
  return new UnavailableError(`${peer} did not send block ${cid.toString()}: ${why}`,
    { peer, cid: cid.toString(), status: 'not-available', cause: error })
}
