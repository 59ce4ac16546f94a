import { dirname, join } from 'node:path'
import { forEachConcurrent } from '../format/concurrent.ts'
import type { DurableFiles, NewFile } from '../interface/store.ts'
import { writeConcurrency } from '../limits.ts'
import type { FileSystem } from './file-system.ts'
import type { RepositoryPaths } from './paths.ts'
import { writeFile } from './place-file.ts'
import type { WrittenFile } from './place-file.ts'
import type { RunningWork } from './running-work.ts'

/** What it is made of. */
export interface DirectoryFilesInit {
  fileSystem: FileSystem
  paths: RepositoryPaths
  /** Below the root of the repository. It is made when the first file is placed. */
  directory: string
  running: Pick<RunningWork, 'assertNotCut' | 'run'>
}

/** Files below one directory of a repository. */
export class DirectoryFiles implements DurableFiles {
  readonly #fileSystem: FileSystem
  readonly #paths: RepositoryPaths
  readonly #directory: string
  readonly #running: DirectoryFilesInit['running']
  /** Directories that are there, with their names on the drive. */
  readonly #known: Set<string>

  constructor ({ fileSystem, paths, directory, running }: DirectoryFilesInit) {
    this.#fileSystem = fileSystem
    this.#paths = paths
    this.#directory = directory
    this.#running = running
    this.#known = new Set([paths.root])
  }

  read (path: string, bytesMax: number): Promise<Uint8Array | undefined> {
    return this.#running.run(() => this.#fileSystem.readFile(this.#at(path), { offset: 0, length: bytesMax + 1 }))
  }

  list (path: string): Promise<string[]> {
    return this.#running.run(() => this.#fileSystem.list(this.#at(path)))
  }

  remove (path: string): Promise<void> {
    this.#known.delete(this.#at(path))
    return this.#running.run(() => this.#fileSystem.remove(this.#at(path)))
  }

  place (files: readonly NewFile[]): Promise<void> {
    return this.#running.run(async () => {
      const directories = new Set(files.map(({ path }) => dirname(this.#at(path))))
      for (const directory of directories) {
        if (!this.#known.has(directory)) await this.#fileSystem.makeDirectory(directory)
      }
      await this.#placeAll(files)
      await this.#syncNames(directories)
    })
  }

  async #placeAll (files: readonly NewFile[]): Promise<void> {
    const written: WrittenFile[] = []
    try {
      await forEachConcurrent(files, writeConcurrency, async ({ path, bytes }) => {
        written.push(await writeFile(this.#fileSystem, this.#paths, this.#at(path), [bytes], { sync: true }))
      })
      // Whoever has the repository next may be at the same files.
      this.#running.assertNotCut()
      for (const file of written) await file.place()
    } catch (error) {
      await Promise.all(written.map(file => file.discard()))
      throw error
    }
  }

  /** A new directory has a name too, in the one above it. */
  async #syncNames (directories: ReadonlySet<string>): Promise<void> {
    const changed = new Set(directories)
    const made: string[] = []
    for (const directory of directories) {
      for (let at = directory; !this.#known.has(at); at = dirname(at)) {
        made.push(at)
        changed.add(dirname(at))
      }
    }
    await forEachConcurrent(changed, writeConcurrency, directory => this.#fileSystem.syncDirectory(directory))
    for (const directory of made) this.#known.add(directory)
  }

  #at (path: string): string {
    return join(this.#directory, path)
  }
}
