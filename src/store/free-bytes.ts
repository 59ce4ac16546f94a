import { freeSpaceCheckBytes, freeSpaceCheckMs } from '../limits.ts'

/** What is free on the file system: asked for now and then, and reckoned in between. */
export class FreeBytes {
  readonly #ask: () => Promise<number>
  readonly #now: () => number
  #asked: { bytes: number, at: number, charged: number } | undefined
  #charged = 0

  /** `now` is a clock in milliseconds that only goes forward. */
  constructor (ask: () => Promise<number>, now: () => number) {
    this.#ask = ask
    this.#now = now
  }

  /** What was free, less what was charged since; undefined when it was not asked for. */
  get bytes (): number | undefined {
    return this.#asked === undefined ? undefined : this.#asked.bytes - (this.#charged - this.#asked.charged)
  }

  /** True while the answer counts: little was written since, and not long ago. */
  get isFresh (): boolean {
    return this.#asked !== undefined && this.#charged - this.#asked.charged < freeSpaceCheckBytes &&
      this.#now() - this.#asked.at < freeSpaceCheckMs
  }

  charge (bytes: number): void {
    this.#charged += bytes
  }

  /** Says that something was removed. */
  forget (): void {
    this.#asked = undefined
  }

  async refresh (): Promise<void> {
    // What is charged while the system answers may not be in its answer.
    const charged = this.#charged
    this.#asked = { bytes: await this.#ask(), at: this.#now(), charged }
  }
}
