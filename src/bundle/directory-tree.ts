import { DirectoryEntries } from './directory-entries.ts'
import { writeDirectory } from './unixfs-writer.ts'
import type { DagLink, WriteDirectoryOptions } from './unixfs-writer.ts'
import type { BlockWriter } from '../interface/store.ts'

/** Directories on their way into blocks, by the paths of what is in them. */
export class DirectoryTree {
  readonly #directories = new Map<string, DirectoryEntries>([['', new DirectoryEntries()]])

  /** Puts a file, or a directory that is written already, at a path, in place of what was there. */
  place (path: string, link: DagLink): void {
    const slash = path.lastIndexOf('/')
    this.#directory(path.slice(0, Math.max(0, slash))).set(path.slice(slash + 1), link)
  }

  /** Makes a directory that may stay empty. */
  add (path: string): void {
    this.#directory(path)
  }

  /** Writes every directory but the root, the deepest first, so that what a directory links is known when it is written. */
  async writeBelow (blocks: BlockWriter, options: WriteDirectoryOptions): Promise<void> {
    const depthOf = (path: string): number => path.split('/').length
    const paths = [...this.#directories.keys()].filter(path => path !== '').sort((a, b) => depthOf(b) - depthOf(a))
    for (const path of paths) {
      options.signal?.throwIfAborted()
      this.place(path, await writeDirectory(blocks, this.#directory(path), options))
    }
  }

  /** Writes the root, as it is now. */
  async writeRoot (blocks: BlockWriter, options: WriteDirectoryOptions): Promise<DagLink> {
    return await writeDirectory(blocks, this.#directory(''), options)
  }

  /** Makes the directory and those above it when they are new. */
  #directory (path: string): DirectoryEntries {
    const known = this.#directories.get(path)
    if (known !== undefined) return known
    const entries = new DirectoryEntries()
    for (let at = path; !this.#directories.has(at); at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
      this.#directories.set(at, at === path ? entries : new DirectoryEntries())
    }
    return entries
  }
}
