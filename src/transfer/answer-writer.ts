import { Uint8ArrayList } from 'uint8arraylist'
import { encodeCarHeader, encodeCarSectionHead } from '../format/car-sections.ts'
import { readMemory, sentMemory } from '../format/claimed-memory.ts'
import { rawCodec } from '../format/dag-links.ts'
import { encodeDataHead, encodeEnd, encodeHeader } from '../format/messages.ts'
import {
  dataBytesMax, fastBytesPerSecond, firstSendBytes, sendBytesMax, sendBytesTarget, sendStallTimeoutMs, smallAnswerBytes
} from '../limits.ts'
import { send } from '../network/stream-writer.ts'
import type { Stream } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { DagHeader, DagStatus } from '../format/messages.ts'

/** What a writer may be given beside its stream. */
export interface AnswerWriterInit {
  /** Milliseconds from any start, never going back. */
  now?: () => number
  /** Milliseconds for the peer to read on. */
  stallTimeoutMs?: number
}

/**
 * Writes one answer: collects what is small, sends large pieces, copies no block.
 *
 * A piece is one frame, which its reader sees nothing of before all of it is there. So the first ones are small: one is read
 * while the next is made, and there is little to do behind the last. They are larger than usual only for a reader that has shown
 * to be fast.
 */
export class AnswerWriter {
  readonly #stream: Stream
  readonly #now: () => number
  readonly #stallTimeoutMs: number
  readonly #startedAt: number
  /** Messages that come before the data that is being collected. */
  #messages = new Uint8ArrayList()
  #data = new Uint8ArrayList()
  #sentBytes = 0

  constructor (stream: Stream, { now = () => performance.now(), stallTimeoutMs = sendStallTimeoutMs }: AnswerWriterInit = {}) {
    this.#stallTimeoutMs = stallTimeoutMs
    this.#stream = stream
    this.#now = now
    this.#startedAt = now()
  }

  header (header: DagHeader): void {
    this.#messages.append(encodeHeader(header))
  }

  carHeader (root: CID): void {
    this.#data.append(encodeCarHeader(root))
  }

  /** Takes the next block; undefined when there is room for another one, else resolves when there is. */
  block (cid: CID, bytes: Uint8Array): Promise<void> | undefined {
    const head = encodeCarSectionHead(cid, bytes.length)
    if (this.#data.byteLength + head.length + bytes.length > dataBytesMax) this.#closeData()
    this.#data.append(head, bytes)
    // Links may be read from a block that has some, when it was sent.
    if (cid.code === rawCodec && readMemory.take(bytes)) sentMemory.claim(bytes)
    return this.#data.byteLength >= this.#target() ? this.flush() : undefined
  }

  async end (status: DagStatus): Promise<void> {
    this.#closeData()
    this.#messages.append(encodeEnd(status))
    await this.flush()
  }

  /** Sends what was collected, a large block in several pieces. */
  async flush (): Promise<void> {
    this.#closeData()
    const pending = this.#messages
    this.#messages = new Uint8ArrayList()
    while (pending.byteLength > 0) {
      const target = this.#target()
      const piece = pending.sublist(0, pending.byteLength < 2 * target ? pending.byteLength : target)
      pending.consume(piece.byteLength)
      this.#sentBytes += piece.byteLength
      await send(this.#stream, piece, this.#stallTimeoutMs)
    }
  }

  /** What was sent last may still wait in buffers of the system, so a rate is believed only after megabytes. */
  #target (): number {
    if (this.#sentBytes < smallAnswerBytes) return firstSendBytes
    const seconds = (this.#now() - this.#startedAt) / 1000
    const isFast = this.#sentBytes >= 4 * sendBytesMax && this.#sentBytes >= seconds * fastBytesPerSecond
    return isFast ? sendBytesMax : sendBytesTarget
  }

  #closeData (): void {
    if (this.#data.byteLength === 0) return
    this.#messages.append(encodeDataHead(this.#data.byteLength), this.#data)
    this.#data = new Uint8ArrayList()
  }
}
