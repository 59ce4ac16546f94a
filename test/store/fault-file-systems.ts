import { posix } from 'node:path'
import { StorageError } from '../../src/errors.ts'
import type { FileRange, FileStat, FileSystem, FileSystemSpace, WriteFileOptions } from '../../src/store/file-system.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'

/** One call, before it is made. */
export interface Call {
  name: keyof FileSystem
  path: string
  to?: string
  sync?: boolean
}

/** Passes every call on, through a function that may refuse it before or after it was made. */
export class WatchedFileSystem implements FileSystem {
  readonly #below: FileSystem
  readonly #around: <T>(call: Call, make: () => Promise<T>) => Promise<T>

  constructor (below: FileSystem, around: <T>(call: Call, make: () => Promise<T>) => Promise<T>) {
    this.#below = below
    this.#around = around
  }

  realPath (path: string): Promise<string> {
    return this.#around({ name: 'realPath', path }, () => this.#below.realPath(path))
  }

  makeDirectory (path: string): Promise<void> {
    return this.#around({ name: 'makeDirectory', path }, () => this.#below.makeDirectory(path))
  }

  writeFile (path: string, chunks: readonly Uint8Array[], options: WriteFileOptions): Promise<void> {
    return this.#around({ name: 'writeFile', path, sync: options.sync }, () => this.#below.writeFile(path, chunks, options))
  }

  readFile (path: string, range?: FileRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#around({ name: 'readFile', path }, () => this.#below.readFile(path, range))
  }

  rename (from: string, to: string): Promise<void> {
    return this.#around({ name: 'rename', path: from, to }, () => this.#below.rename(from, to))
  }

  remove (path: string): Promise<void> {
    return this.#around({ name: 'remove', path }, () => this.#below.remove(path))
  }

  list (path: string): Promise<string[]> {
    return this.#around({ name: 'list', path }, () => this.#below.list(path))
  }

  stat (path: string): Promise<FileStat | undefined> {
    return this.#around({ name: 'stat', path }, () => this.#below.stat(path))
  }

  syncDirectory (path: string): Promise<void> {
    return this.#around({ name: 'syncDirectory', path }, () => this.#below.syncDirectory(path))
  }

  space (path: string): Promise<FileSystemSpace> {
    return this.#around({ name: 'space', path }, () => this.#below.space(path))
  }

  settled (): Promise<void> {
    return this.#below.settled()
  }
}

/** Notes the calls that change something, in the order in which they ended. */
export function recording (below: FileSystem, calls: Call[]): FileSystem {
  return new WatchedFileSystem(below, async (call, make) => {
    const result = await make()
    if (['writeFile', 'rename', 'remove', 'syncDirectory'].includes(call.name)) calls.push(call)
    return result
  })
}

/** Refuses calls by their number, counted from when `from()` was called last. */
export class FailingFileSystem extends WatchedFileSystem {
  readonly state: { calls: number, fails: (n: number) => boolean, when: 'before' | 'after', refused: number }

  constructor (below: FileSystem) {
    const state: FailingFileSystem['state'] = { calls: 0, fails: () => false, when: 'before', refused: 0 }
    super(below, async (call, make) => {
      const fails = state.fails(++state.calls)
      if (fails) state.refused++
      if (fails && state.when === 'before') throw ioError(call)
      const result = await make()
      if (fails) throw ioError(call)
      return result
    })
    this.state = state
  }

  /** From now on the calls that `fails` names are refused: before they are made, or after. */
  from (when: 'before' | 'after', fails: (n: number) => boolean): void {
    Object.assign(this.state, { calls: 0, fails, when, refused: 0 })
  }
}

function ioError ({ name, path }: Call): StorageError {
  return new StorageError(`The file system refuses to ${name} ${path}: EIO`, { path, operation: name, code: 'EIO' })
}

/** Writes all files of one disk to another one, with their names on the drive. */
export async function copyFiles<T extends FileSystem> (from: FileSystem, to: T): Promise<T> {
  const waiting = ['/']
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    await to.makeDirectory(directory)
    for (const name of await from.list(directory)) {
      const path = posix.join(directory, name)
      const bytes = (await from.stat(path))?.type === 'directory' ? undefined : await from.readFile(path)
      if (bytes === undefined) waiting.push(path)
      else await to.writeFile(path, [bytes], { sync: true })
    }
    await to.syncDirectory(directory)
  }
  return to
}

/**
 * A disk that forgets at a power cut what was not fsynced: bytes of files without `sync`, and names in directories that were not
 * synced since. It is harsher than a real one: nothing reaches the drive by itself, but removals do at once when `eager`.
 */
export class PowerCutFileSystem extends WatchedFileSystem {
  readonly #below: FileSystem
  readonly #onDrive = new Map<string, Map<string, Uint8Array>>()
  readonly #now = new Map<string, Map<string, { bytes: Uint8Array, synced: boolean }>>()
  readonly #directories = new Set<string>()

  constructor (below: FileSystem = new MemoryFileSystem()) {
    super(below, async (call, make) => {
      const result = await make()
      await this.#follow(below, call)
      return result
    })
    this.#below = below
  }

  /** The disk as the next process finds it when this one ends now: what was not on the drive is not on it yet. */
  async afterKill (): Promise<PowerCutFileSystem> {
    const disk = new PowerCutFileSystem(await copyFiles(this.#below, new MemoryFileSystem()))
    for (const [directory, files] of this.#onDrive) disk.#onDrive.set(directory, new Map(files))
    for (const [directory, files] of this.#now) disk.#now.set(directory, new Map(files))
    for (const directory of this.#directories) disk.#directories.add(directory)
    return disk
  }

  /** The disk as it is found after the power came back. */
  async afterCut (): Promise<MemoryFileSystem> {
    const disk = new MemoryFileSystem()
    for (const directory of this.#directories) await disk.makeDirectory(directory)
    for (const [directory, files] of this.#onDrive) {
      for (const [name, bytes] of files) await disk.writeFile(posix.join(directory, name), [bytes])
    }
    return disk
  }

  async #follow (below: FileSystem, { name, path, to, sync }: Call): Promise<void> {
    const files = this.#filesOf(posix.dirname(path))
    const base = posix.basename(path)
    if (name === 'makeDirectory') this.#directories.add(path)
    if (name === 'writeFile') files.set(base, { bytes: await below.readFile(path) ?? new Uint8Array(), synced: sync === true })
    if (name === 'remove') files.delete(base)
    const moved = files.get(base)
    if (name === 'rename' && to !== undefined && moved !== undefined) {
      files.delete(base)
      this.#filesOf(posix.dirname(to)).set(posix.basename(to), moved)
    }
    if (name === 'syncDirectory') this.#onDrive.set(path, this.#durable(this.#filesOf(path)))
  }

  #filesOf (directory: string): Map<string, { bytes: Uint8Array, synced: boolean }> {
    const files = this.#now.get(directory) ?? new Map<string, { bytes: Uint8Array, synced: boolean }>()
    this.#now.set(directory, files)
    return files
  }

  #durable (files: Map<string, { bytes: Uint8Array, synced: boolean }>): Map<string, Uint8Array> {
    return new Map(Array.from(files, ([name, { bytes, synced }]) => [name, synced ? bytes : new Uint8Array(0)]))
  }
}
