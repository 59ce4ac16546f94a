import { Uint8ArrayList } from 'uint8arraylist'
import { encodeCarHeader, encodeCarSectionHead } from '../format/car.ts'
import { encodeDataHead, encodeEnd, encodeHeader } from '../format/messages.ts'
import { sendBytesTarget, sendStallTimeoutMs } from '../limits.ts'
import { send } from './stream-writer.ts'
import type { Stream } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { DagHeader, DagStatus } from '../format/messages.ts'

/** Writes one answer: collects what is small, sends large pieces, copies no block. */
export class AnswerWriter {
  readonly #stream: Stream
  /** Messages that come before the data that is being collected. */
  #messages = new Uint8ArrayList()
  #data = new Uint8ArrayList()

  constructor (stream: Stream) {
    this.#stream = stream
  }

  header (header: DagHeader): void {
    this.#messages.append(encodeHeader(header))
  }

  carHeader (root: CID): void {
    this.#data.append(encodeCarHeader(root))
  }

  /** Resolves when there is room for the next block. */
  async block (cid: CID, bytes: Uint8Array): Promise<void> {
    this.#data.append(encodeCarSectionHead(cid, bytes.length), bytes)
    if (this.#data.byteLength >= sendBytesTarget) await this.flush()
  }

  async end (status: DagStatus): Promise<void> {
    this.#closeData()
    this.#messages.append(encodeEnd(status))
    await this.flush()
  }

  /** Sends what was collected. */
  async flush (): Promise<void> {
    this.#closeData()
    const pending = this.#messages
    this.#messages = new Uint8ArrayList()
    if (pending.byteLength > 0) await send(this.#stream, pending, sendStallTimeoutMs)
  }

  #closeData (): void {
    if (this.#data.byteLength === 0) return
    this.#messages.append(encodeDataHead(this.#data.byteLength), this.#data)
    this.#data = new Uint8ArrayList()
  }
}
