import type { IndexChange, IndexDatabase } from './index-database.ts'

/** How a database is opened again. */
export interface ReopeningInit {
  /** Rejects when that cannot be done. */
  open: () => Promise<IndexDatabase>
  /** False when it is known before that it cannot. */
  canOpen: () => Promise<boolean>
}

/**
 * A database that is opened anew when it refuses to write twice in a row: LevelDB may have decided to write nothing any more.
 * What there is can be read meanwhile: the database is closed only when there is room for another one.
 */
export class ReopeningIndexDatabase implements IndexDatabase {
  readonly #init: ReopeningInit
  #current: IndexDatabase
  /** True when the last write was refused. */
  #hasFailed = false
  /** True when the database was closed and could not be opened again. */
  #isDown = false
  #opening: Promise<void> | undefined
  #isClosed = false
  #hasRefused = false

  constructor (first: IndexDatabase, init: ReopeningInit) {
    this.#current = first
    this.#init = init
  }

  get hasRefused (): boolean {
    return this.#hasRefused
  }

  async getMany (keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    await this.#up()
    return this.#current.getMany(keys)
  }

  async *entries (prefix: string): AsyncGenerator<{ key: string, value: Uint8Array }> {
    await this.#up()
    yield * this.#current.entries(prefix)
  }

  async write (changes: readonly IndexChange[], options?: { sync?: boolean }): Promise<void> {
    await this.#up()
    try {
      await this.#current.write(changes, options)
      this.#hasFailed = false
    } catch (error) {
      this.#hasRefused = true
      if (!this.#hasFailed || this.#isClosed || !await this.#init.canOpen()) {
        this.#hasFailed = true
        throw error
      }
      await this.#reopen()
      await this.#current.write(changes, options)
    }
  }

  async close (): Promise<void> {
    this.#isClosed = true
    await this.#opening?.catch(() => { /* Whoever wanted to write is told. */ })
    await this.#current.close()
  }

  async #up (): Promise<void> {
    if (this.#isDown && !this.#isClosed) await this.#reopen()
    else await this.#opening
  }

  /** Once for all who ask at the same time. */
  async #reopen (): Promise<void> {
    this.#opening ??= this.#replace().finally(() => { this.#opening = undefined })
    await this.#opening
  }

  async #replace (): Promise<void> {
    this.#isDown = true
    await this.#current.close()
    this.#current = await this.#init.open()
    this.#isDown = false
    this.#hasFailed = false
  }
}
