import type { FileRange, FileStat, FileSystem, FileSystemSpace, WriteFileOptions } from './file-system.ts'

/** A file system that waits for no drive: what is written survives the death of the process, and no power cut. */
export class UnsyncedFileSystem implements FileSystem {
  readonly #below: FileSystem

  constructor (below: FileSystem) {
    this.#below = below
  }

  realPath (path: string): Promise<string> {
    return this.#below.realPath(path)
  }

  makeDirectory (path: string): Promise<void> {
    return this.#below.makeDirectory(path)
  }

  writeFile (path: string, chunks: readonly Uint8Array[], options: WriteFileOptions): Promise<void> {
    return this.#below.writeFile(path, chunks, { ...options, sync: false })
  }

  readFile (path: string, range?: FileRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#below.readFile(path, range)
  }

  rename (from: string, to: string): Promise<void> {
    return this.#below.rename(from, to)
  }

  remove (path: string): Promise<void> {
    return this.#below.remove(path)
  }

  list (path: string): Promise<string[]> {
    return this.#below.list(path)
  }

  stat (path: string): Promise<FileStat | undefined> {
    return this.#below.stat(path)
  }

  async syncDirectory (): Promise<void> {
    // Also of a directory that is not there: nothing is promised of names.
  }

  space (path: string): Promise<FileSystemSpace> {
    return this.#below.space(path)
  }

  settled (): Promise<void> {
    return this.#below.settled()
  }
}
