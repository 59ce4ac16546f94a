import { DirectoryEntries } from './directory-entries.ts'
import { writeDirectory } from './unixfs-writer.ts'
import type { DagLink } from './dag-pb-block.ts'
import type { WriteDirectoryOptions } from './unixfs-writer.ts'
import type { BlockWriter } from '../interface/store.ts'

/** Directories on their way into blocks, by the paths of what is in them. */
export class DirectoryTree {
  readonly #directories = new Map<string, DirectoryEntries>([['', new DirectoryEntries()]])

  /** Puts a file, or a directory that was written elsewhere, at a path where nothing is yet. */
  place (path: string, link: DagLink): void {
    this.#directory(parentOf(path)).add(nameOf(path), link)
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
      this.#directory(parentOf(path)).setDirectory(nameOf(path), await writeDirectory(blocks, this.#directory(path), options))
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
    for (let at = path; !this.#directories.has(at); at = parentOf(at)) this.#directories.set(at, new DirectoryEntries())
    return this.#directory(path)
  }
}

function parentOf (path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function nameOf (path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
