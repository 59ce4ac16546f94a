import type { StoreParts } from './store-parts.ts'

/** A file that tells the next open that there may be block files which no record lists. */
export interface Mark {
  /** Resolves when it is on the drive: only then may such a file be written. Doing it again is no harm. */
  place(): Promise<void>
  /** Not before such files are gone. */
  remove(): Promise<void>
}

/** A mark in `temp/`: everything that no record lists is swept by the next open. */
export class UnlistedMark implements Mark {
  readonly #parts: Pick<StoreParts, 'fileSystem' | 'paths'>
  readonly #essential: boolean
  #path: string | undefined
  #isPlaced = false

  /** `essential` where room is made with its help. */
  constructor (parts: Pick<StoreParts, 'fileSystem' | 'paths'>, { essential = false }: { essential?: boolean } = {}) {
    this.#parts = parts
    this.#essential = essential
  }

  async place (): Promise<void> {
    if (this.#isPlaced) return
    const { fileSystem, paths } = this.#parts
    this.#path = paths.newMark()
    await fileSystem.writeFile(this.#path, [], { sync: true, essential: this.#essential })
    await fileSystem.syncDirectory(paths.temp)
    this.#isPlaced = true
  }

  async remove (): Promise<void> {
    if (this.#path !== undefined) await this.#parts.fileSystem.remove(this.#path)
  }
}
