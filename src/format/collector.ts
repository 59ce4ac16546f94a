/**
 * Bytes of a known length that arrive in pieces: each is copied once, into its place.
 */
export class Collector {
  readonly bytes: Uint8Array<ArrayBuffer>
  #filled = 0

  /** Memory for all of it is taken at once, so `length` must be bounded by the caller. */
  constructor (length: number) {
    this.bytes = new Uint8Array(length)
  }

  get complete (): boolean {
    return this.#filled === this.bytes.length
  }

  /** Takes what is missing from `piece`, starting at `at`, and returns where the rest of it starts. */
  fill (piece: Uint8Array, at: number): number {
    const taken = piece.subarray(at, at + this.bytes.length - this.#filled)
    this.bytes.set(taken, this.#filled)
    this.#filled += taken.length
    return at + taken.length
  }
}
