import { sha256 as anySha256 } from '@noble/hashes/sha2.js'
import { InvalidNameError, LimitExceededError } from '../errors.ts'
import { DigestMap } from '../format/digest-map.ts'
import { checkPath } from '../format/entry-name.ts'
import { quote } from '../format/quote.ts'
import { toUtf8 } from '../format/utf8.ts'
import type { HashOptions, Sha256 } from './dag-pb-block.ts'

const [file, directory] = [1, 2]

/** The files and directories that are to go into one bundle: each path once, and nothing below a file. */
export class EntryPaths {
  /** Files and directories that there may be. */
  readonly entriesMax: number
  /** What is at a path, by its hash: of a million paths the texts alone would be a hundred megabytes. */
  readonly #entries = new DigestMap()
  /** The directory of which is known that it and those above it are there. */
  #known = ''

  readonly #sha256: Sha256

  constructor (entriesMax: number, { sha256 = anySha256 }: HashOptions = {}) {
    this.entriesMax = entriesMax
    this.#sha256 = sha256
  }

  /** @throws {@link InvalidNameError}, {@link LimitExceededError} */
  addFile (path: string): void {
    const names = checkPath(path)
    const digest = this.#digestOf(path)
    const there = this.#entries.get(digest)
    if (there === file) throw conflict(path, 'is there twice')
    if (there === directory) throw conflict(path, 'is a file and a directory')
    this.#addAncestors(names)
    this.#entries.set(digest, file)
    this.#checkCount()
  }

  /** A directory may be said more than once. @throws {@link InvalidNameError}, {@link LimitExceededError} */
  addDirectory (path: string): void {
    this.#addAncestors(checkPath(path))
    this.#addDirectory(path)
    this.#checkCount()
  }

  /** Forgets every path, when no more are to come: what that took is free at once. */
  clear (): void {
    this.#entries.clear()
    this.#known = ''
  }

  #addAncestors (names: readonly string[]): void {
    const parent = names.slice(0, -1).join('/')
    if (parent === this.#known) return
    let ancestor = ''
    for (const name of names.slice(0, -1)) {
      ancestor = ancestor === '' ? name : `${ancestor}/${name}`
      this.#addDirectory(ancestor)
    }
    this.#known = parent
  }

  #addDirectory (path: string): void {
    const digest = this.#digestOf(path)
    if (this.#entries.get(digest) === file) throw conflict(path, 'is a file and a directory')
    this.#entries.set(digest, directory)
  }

  #checkCount (): void {
    const actual = this.#entries.size
    if (actual <= this.entriesMax) return
    throw new LimitExceededError(`A bundle may have ${this.entriesMax} files and directories, and there are more`,
      { limit: 'entriesMax', max: this.entriesMax, actual })
  }

  #digestOf (path: string): Uint8Array {
    return this.#sha256(toUtf8(path))
  }
}

function conflict (path: string, problem: string): InvalidNameError {
  return new InvalidNameError(`${quote(path)} ${problem} in one bundle`, { value: path })
}
