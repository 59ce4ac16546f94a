import { BitswapDecoder } from '../../src/format/bitswap-decoder.ts'
import type { Stream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import type { BitswapPart } from '../../src/format/bitswap-decoder.ts'

/** A stream to somebody who reads when the test says so. */
export class FakeStream extends EventTarget {
  status = 'open'
  writeStatus = 'writable'
  writableNeedsDrain = false
  writeBufferLength = 0
  /** Bytes of each send. */
  readonly sends: number[] = []
  /** What was sent, whether it was read or not, but for the progress of blocks. */
  readonly parts: BitswapPart[] = []
  readonly #decoder = new BitswapDecoder(() => true)
  readonly #reads: boolean

  constructor ({ reads = true }: { reads?: boolean } = {}) {
    super()
    this.#reads = reads
  }

  get asStream (): Stream {
    return this as unknown as Stream
  }

  send (data: Uint8ArrayList): boolean {
    this.sends.push(data.byteLength)
    this.parts.push(...[...this.#decoder.read(data.subarray())].filter(({ type }) => type !== 'data'))
    if (!this.#reads) this.writeBufferLength += data.byteLength
    return this.#reads
  }

  /** The other side reads some of what waits, or all. */
  read (bytes: number = this.writeBufferLength): void {
    this.writeBufferLength -= bytes
    this.dispatchEvent(new Event('drain'))
  }

  async close (): Promise<void> {
    this.writeStatus = 'closed'
    await Promise.resolve()
  }

  async closeRead (): Promise<void> {
    await Promise.resolve()
  }

  abort (): void {
    this.status = 'aborted'
    this.writeStatus = 'closed'
    this.writeBufferLength = 0
    this.dispatchEvent(new Event('close'))
  }
}
