import type { StorageOptions } from '../interface/storage.ts'
import type { ScrubPass } from '../interface/verify.ts'
import { indexBytesPerBlock, partialCheckMs } from '../limits.ts'
import type { MeteredFileSystem } from './metered-file-system.ts'
import { wait } from './read-budget.ts'
import { recount } from './recount.ts'
import { Scrub } from './scrub.ts'
import { encodeSpaceNote } from './space-note.ts'
import type { SpaceNote } from './space-note.ts'
import type { StoreParts } from './store-parts.ts'

/** What is done in the background while a repository is open. */
export class Upkeep {
  readonly #parts: StoreParts
  readonly #fileSystem: MeteredFileSystem
  readonly #abort = new AbortController()
  #scrub: Scrub | undefined
  #lastScrub: ScrubPass | undefined
  /** True when the ledger says just what is used, and not only a bound of it. */
  #isCounted = false
  #counting: Promise<void> = Promise.resolve()
  #expiring: Promise<void> = Promise.resolve()

  constructor (parts: StoreParts, fileSystem: MeteredFileSystem) {
    this.#parts = parts
    this.#fileSystem = fileSystem
  }

  /** The last pass over everything that is stored, also of an earlier run. */
  get lastScrub (): ScrubPass | undefined {
    return this.#scrub?.last ?? this.#lastScrub
  }

  /**
   * Begins. Without a note of what is used, resolves when that was counted; where only a bound of it is known, it is counted in
   * the background.
   */
  async start (note: SpaceNote | undefined, { scrubBytesPerSecond }: StorageOptions): Promise<void> {
    const { index } = this.#parts
    this.#lastScrub = decodePass(await index.note(scrubNote))
    this.#isCounted = note?.wasClosed === true
    if (note === undefined) await this.#count()
    else if (!note.wasClosed) this.#counting = this.#count()
    if (scrubBytesPerSecond !== undefined) this.#startScrub(scrubBytesPerSecond)
    this.#expiring = this.#expirePartials()
  }

  /** Ends, and writes down what an orderly end knows. */
  async stop (): Promise<void> {
    const { index, space, uses } = this.#parts
    this.#abort.abort()
    await Promise.all([this.#counting, this.#expiring, this.#scrub?.stop()])
    if (uses.hasChanged) await index.writeNote(usesNote, uses.encode())
    const wasClosed = this.#isCounted && this.#fileSystem.isExact && !index.hasRefused
    await index.writeNote(spaceNote, encodeSpaceNote({ ...space.used, wasClosed }))
  }

  /** Never rejects: without a count the bound stays in force. */
  async #count (): Promise<void> {
    const { listed, log, paths, space } = this.#parts
    const beside = (): { bytes: number, files: number } => ({ bytes: listed.blocks * indexBytesPerBlock, files: 0 })
    const { signal } = this.#abort
    try {
      this.#isCounted = await recount({ fileSystem: this.#fileSystem, paths, space, beside }, { signal })
    } catch (error) {
      if (!signal.aborted) log(`what the repository takes could not be counted: ${String(error)}`)
    }
  }

  /** Never rejects, and keeps no process alive. */
  async #expirePartials (): Promise<void> {
    const { signal } = this.#abort
    const isStopped = (): boolean => signal.aborted
    while (!isStopped()) {
      await wait(partialCheckMs, { signal }, { kept: false }).catch(() => { /* It was stopped. */ })
      if (!isStopped()) await this.#parts.partials.expire()
    }
  }

  #startScrub (bytesPerSecond: number): void {
    const { clock, index, log } = this.#parts
    const onPass = (pass: ScrubPass): Promise<void> => index.writeNote(scrubNote, JSON.stringify(pass))
    this.#scrub = new Scrub({ parts: this.#parts, clock, log, onPass }, { bytesPerSecond, last: this.#lastScrub })
    this.#scrub.start(this.#abort)
  }
}

/** Name of the note of what is used. */
export const spaceNote = 'space'

/** Name of the note of when bundles were used last. */
export const usesNote = 'uses'

const scrubNote = 'scrub'

function decodePass (text: string | undefined): ScrubPass | undefined {
  try {
    const pass = JSON.parse(text ?? 'null') as Partial<ScrubPass> | null
    const { endedAt, blocks, bytes, damaged } = pass ?? {}
    if (typeof endedAt !== 'number' || typeof blocks !== 'number' || typeof bytes !== 'number' || typeof damaged !== 'number') return undefined
    return { endedAt, blocks, bytes, damaged }
  } catch {
    return undefined
  }
}
