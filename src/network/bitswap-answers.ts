import { encodeBitswapMessage } from '../format/bitswap-message.ts'
import { bitswapPresencesMax, sendBytesTarget } from '../limits.ts'
import { BitswapStream } from './bitswap-stream.ts'
import { PeerWants } from './bitswap-wants.ts'
import type { Stream } from '@libp2p/interface'
import type { BitswapMessage, BitswapWant } from '../format/bitswap-message.ts'
import type { Slots } from '../format/slots.ts'
import type { Logger } from '../interface/data-node.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { PeerWant, WantOptions, WantsTally } from './bitswap-wants.ts'
import type { ServedBlocks } from './served-blocks.ts'

/** Resolves when so many bytes may be sent to a peer, or when the signal is aborted. */
export type Pace = (peerId: string, bytes: number, signal: AbortSignal) => Promise<void>

/** What answering one peer needs. */
export interface PeerAnswersInit {
  peerId: string
  blocks: ServedBlocks
  places: Slots
  tally: WantsTally
  pace: Pace | undefined
  open: (options: AbortOptions) => Promise<Stream>
  stallMs?: number | undefined
  /** Aborted when the peer is gone. */
  signal: AbortSignal
  log: Logger
}

/** A want with its answer. */
interface Answer {
  want: PeerWant
  has: boolean
  bytes: Uint8Array | undefined
}

/**
 * Answers one peer, message after message: the next one is read when the one before has left this process. So a peer that reads
 * slowly, or not at all, holds one message: 256 KiB and a block. Between two messages it is the turn of others.
 *
 * A want is a question about now. What is not here is not kept until it comes: Kubo asks again, and so does Helia.
 */
export class PeerAnswers {
  readonly wants: PeerWants
  readonly #init: PeerAnswersInit
  readonly #stream: BitswapStream
  #isRunning = false

  constructor (init: PeerAnswersInit) {
    const { open, signal, places, tally, stallMs } = init
    this.#init = init
    this.wants = new PeerWants(tally)
    this.#stream = new BitswapStream({ open, signal, stallMs, isAwaited: () => places.isAwaited })
    signal.addEventListener('abort', () => {
      this.wants.clear()
      this.#stream.abort(signal.reason)
    })
  }

  /** Takes an entry of a want list. It is answered when all that came with it was taken. */
  add (want: BitswapWant, options: WantOptions = {}): void {
    this.wants.add(want, options)
    if (this.#isRunning || this.wants.isEmpty) return
    this.#isRunning = true
    setImmediate(() => { void this.#run() })
  }

  /** Forgets what a peer wants that does not read, or to which there is no stream. */
  async #run (): Promise<void> {
    const { peerId, signal, log } = this.#init
    try {
      while (!this.wants.isEmpty) await this.#answerSome()
    } catch (error) {
      this.wants.clear()
      if (!signal.aborted) log(`bitswap: ${peerId} gets no answer: ${String(error)}`)
    } finally {
      this.#isRunning = false
    }
  }

  async #answerSome (): Promise<void> {
    const { peerId, places, pace, signal } = this.#init
    if (!this.#stream.isOpen) {
      await this.#passOver()
      if (this.wants.isEmpty) return
      // No block is read for a peer to which there is no stream.
      await this.#stream.open()
    }
    await places.run(async () => {
      const answers = await this.#read()
      const bytes = answers.reduce((sum, { bytes }) => sum + (bytes?.length ?? 0), 0)
      if (bytes > 0) await pace?.(peerId, bytes, signal)
      signal.throwIfAborted()
      const message = this.#compose(answers)
      if (message !== undefined) await this.#stream.send(encodeBitswapMessage(message))
    }, { signal })
  }

  /** Ends wants of which there is nothing to say. Kubo asks everyone for what it looks for: no stream is opened to be silent. */
  async #passOver (): Promise<void> {
    const { blocks, signal } = this.#init
    for (const want of this.wants) {
      if (want.sendDontHave) continue
      const has = await blocks.has(want.cid, { signal })
      signal.throwIfAborted()
      if (!has) this.wants.finish(want)
    }
  }

  /** Reads one block after the other, and none to say that it is there. */
  async #read (): Promise<Answer[]> {
    const { blocks, signal } = this.#init
    const answers: Answer[] = []
    let bytesRead = 0
    for (const want of this.wants) {
      const { cid, kind } = want
      const bytes = kind === 'block' ? await blocks.get(cid, { signal }) : undefined
      const has = bytes !== undefined || (kind === 'have' && await blocks.has(cid, { signal }))
      signal.throwIfAborted()
      answers.push({ want, has, bytes })
      bytesRead += bytes?.length ?? 0
      if (bytesRead >= sendBytesTarget || answers.length >= bitswapPresencesMax) break
    }
    return answers
  }

  /** Says nothing of what was cancelled while it was read. */
  #compose (answers: readonly Answer[]): BitswapMessage | undefined {
    const live = answers.filter(({ want }) => this.wants.finish(want))
    const blocks = live.flatMap(({ want: { cid }, bytes }) => bytes === undefined ? [] : [{ cid, bytes }])
    const presences = live.filter(({ want, has, bytes }) => bytes === undefined && (has || want.sendDontHave))
      .map(({ want: { cid }, has }) => ({ cid, has }))
    const refused = this.wants.takeRefused(bitswapPresencesMax - presences.length).map(cid => ({ cid, has: false }))
    const isEmpty = blocks.length + presences.length + refused.length === 0
    return isEmpty ? undefined : { blocks, presences: [...presences, ...refused] }
  }
}
