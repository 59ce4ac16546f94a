import { InvalidNameError, LimitExceededError } from '../errors.ts'
import { checkPath } from '../format/entry-name.ts'
import { quote } from '../format/quote.ts'

/** The files and directories that are to go into one bundle: each path once, and nothing below a file. */
export class EntryPaths {
  /** Files and directories that there may be. */
  readonly entriesMax: number
  readonly #files = new Set<string>()
  readonly #directories = new Set<string>()

  constructor (entriesMax: number) {
    this.entriesMax = entriesMax
  }

  /** @throws {@link InvalidNameError}, {@link LimitExceededError} */
  addFile (path: string): void {
    const names = checkPath(path)
    if (this.#files.has(path)) throw conflict(path, 'is there twice')
    if (this.#directories.has(path)) throw conflict(path, 'is a file and a directory')
    this.#addAncestors(names)
    this.#files.add(path)
    this.#checkCount()
  }

  /** A directory may be said more than once. @throws {@link InvalidNameError}, {@link LimitExceededError} */
  addDirectory (path: string): void {
    const names = checkPath(path)
    if (this.#files.has(path)) throw conflict(path, 'is a file and a directory')
    this.#addAncestors(names)
    this.#directories.add(path)
    this.#checkCount()
  }

  #addAncestors (names: readonly string[]): void {
    let ancestor = ''
    for (const name of names.slice(0, -1)) {
      ancestor = ancestor === '' ? name : `${ancestor}/${name}`
      if (this.#files.has(ancestor)) throw conflict(ancestor, 'is a file and a directory')
      this.#directories.add(ancestor)
    }
  }

  #checkCount (): void {
    const actual = this.#files.size + this.#directories.size
    if (actual <= this.entriesMax) return
    throw new LimitExceededError(`A bundle may have ${this.entriesMax} files and directories, and there are more`,
      { limit: 'entriesMax', max: this.entriesMax, actual })
  }
}

function conflict (path: string, problem: string): InvalidNameError {
  return new InvalidNameError(`${quote(path)} ${problem} in one bundle`, { value: path })
}
