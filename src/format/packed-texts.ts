import { fromUtf8, toUtf8 } from './utf8.ts'

const bytesMin = 64
const wordBytes = 8

/** Texts without lone surrogates, as UTF-8 behind one another: of paths that is a third of what the texts take. */
export class PackedTexts implements Iterable<string> {
  #bytes = new Uint8Array(bytesMin)
  /** Where each text ends: a list may have more than 2^32 bytes. */
  #ends = new Float64Array(bytesMin / wordBytes)
  #length = 0

  get length (): number {
    return this.#length
  }

  push (text: string): void {
    const bytes = toUtf8(text)
    const start = this.#startOf(this.#length)
    const end = start + bytes.byteLength
    // What is moved frees what it was moved from at once: it would stay until the heap is looked through.
    if (end > this.#bytes.byteLength) {
      this.#bytes = new Uint8Array(this.#bytes.buffer.transfer(Math.max(end, this.#bytes.byteLength * 2)))
    }
    if (this.#length === this.#ends.length) {
      this.#ends = new Float64Array(this.#ends.buffer.transfer(this.#length * 2 * wordBytes))
    }
    this.#bytes.set(bytes, start)
    this.#ends[this.#length++] = end
  }

  /** What it took is free at once. */
  clear (): void {
    for (const { buffer } of [this.#bytes, this.#ends]) buffer.transfer(0)
    this.#bytes = new Uint8Array(bytesMin)
    this.#ends = new Float64Array(bytesMin / wordBytes)
    this.#length = 0
  }

  /** The text at this index; undefined beyond the last one. */
  at (index: number): string | undefined {
    if (index >= this.#length) return undefined
    return fromUtf8(this.#bytes.subarray(this.#startOf(index), this.#ends[index]))
  }

  * [Symbol.iterator] (): Generator<string, undefined> {
    for (let index = 0; index < this.#length; index++) yield this.at(index) ?? ''
    return undefined
  }

  #startOf (index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1] ?? 0
  }
}
