import { SourceChangedError } from '../errors.ts'
import { quote } from '../format/quote.ts'
import { folderFilesUnchecked } from '../limits.ts'
import { fileCalls } from '../store/file-calls.ts'
import type { BigIntStats } from 'node:fs'

/** What tells a folder on disk from every other one. */
export type FolderIdentity = Pick<BigIntStats, 'dev' | 'ino'>

/**
 * A folder on disk that was listed, while its files are read by their paths. Where a link has taken its place, or that of a
 * folder above, these lead somewhere else: so it is looked whether it is still there before the first of its files is opened, now
 * and then, and once all were read. That costs a hundredth of reading them. Not noticed is what comes and goes between two looks.
 */
export class ListedFolder {
  readonly #source: string
  readonly #identity: FolderIdentity
  #left: number
  #unchecked = Infinity

  constructor (source: string, identity: FolderIdentity, files: number) {
    this.#source = source
    this.#identity = identity
    this.#left = files
  }

  /**
   * Told before one of its files is opened.
   *
   * @throws {@link SourceChangedError} when it is not there any more
   */
  async opening (): Promise<void> {
    if (++this.#unchecked <= folderFilesUnchecked) return
    this.#unchecked = 1
    await this.check()
  }

  /** Told when one of its files was read, or could not be. @throws as `opening` does */
  async read (): Promise<void> {
    if (--this.#left === 0) await this.check()
  }

  /** @throws as `opening` does */
  async check (): Promise<void> {
    const now = await fileCalls.lstat(this.#source, { bigint: true }).catch(() => undefined)
    const { dev, ino } = this.#identity
    if (now?.isDirectory() !== true || now.ino !== ino || now.dev !== dev) throw changed(this.#source)
  }
}

/** What is thrown when something on disk is not what it was. */
export function changed (source: string): SourceChangedError {
  return new SourceChangedError(`${quote(source)} changed while it was being published: try again when nobody writes to it`, { path: source })
}
