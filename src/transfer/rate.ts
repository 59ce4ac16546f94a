/** Milliseconds over which a rate is taken. */
const bucketMs = 1_000

/** Bytes a second over the last second or two. */
export class Rate {
  readonly #now: () => number
  #bucketAt: number
  #current = 0
  #previous: number | undefined

  constructor (now: () => number) {
    this.#now = now
    this.#bucketAt = now()
  }

  add (bytes: number): void {
    this.#roll()
    this.#current += bytes
  }

  /** Undefined while there is too little to tell. */
  get bytesPerSecond (): number | undefined {
    this.#roll()
    const ageMs = this.#now() - this.#bucketAt
    if (this.#previous !== undefined) return (this.#previous + this.#current) / (bucketMs + ageMs) * 1000
    return ageMs < bucketMs / 4 || this.#current === 0 ? undefined : this.#current / ageMs * 1000
  }

  #roll (): void {
    const buckets = Math.floor((this.#now() - this.#bucketAt) / bucketMs)
    if (buckets === 0) return
    // A pause before the first byte says nothing.
    const isFresh = this.#previous === undefined && this.#current === 0
    this.#previous = isFresh ? undefined : buckets === 1 ? this.#current : 0
    this.#current = 0
    this.#bucketAt += buckets * bucketMs
  }
}
