import { randomUUID } from 'node:crypto'
import { totalmem } from 'node:os'
import { posix } from 'node:path'
import { StorageError } from '../errors.ts'
import { receivedMemory } from '../format/claimed-memory.ts'
import { concat } from '../format/protobuf.ts'
import type { FileRange, FileStat, FileSystem, FileSystemSpace } from './file-system.ts'

/** A file system in memory that refuses what a real one refuses. It is gone with the object. */
export class MemoryFileSystem implements FileSystem {
  readonly #id = randomUUID()
  readonly #files = new Map<string, Uint8Array>()
  readonly #directories = new Set<string>(['/'])

  realPath (path: string): Promise<string> {
    // Two of these have nothing in common, whatever their paths are.
    return Promise.resolve(`memory:${this.#id}:${absolute(path)}`)
  }

  makeDirectory (path: string): Promise<void> {
    return attempt(() => {
      for (let at = absolute(path); at !== '/'; at = posix.dirname(at)) {
        if (this.#files.has(at)) refuse('make directory', path, 'ENOTDIR')
        this.#directories.add(at)
      }
    })
  }

  writeFile (path: string, chunks: readonly Uint8Array[]): Promise<void> {
    return attempt(() => {
      const at = absolute(path)
      if (this.#files.has(at) || this.#directories.has(at)) refuse('write', path, 'EEXIST')
      if (!this.#directories.has(posix.dirname(at))) refuse('write', path, 'ENOENT')
      const [only] = chunks
      this.#files.set(at, only !== undefined && chunks.length === 1 && receivedMemory.take(only) ? only : concat(chunks))
    })
  }

  readFile (path: string, range?: FileRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return attempt(() => {
      const at = absolute(path)
      if (this.#directories.has(at)) refuse('read', path, 'EISDIR')
      const bytes = this.#files.get(at)
      return range === undefined ? bytes?.slice() : bytes?.slice(range.offset, range.offset + range.length)
    })
  }

  rename (from: string, to: string): Promise<void> {
    return attempt(() => {
      const [source, target] = [absolute(from), absolute(to)]
      if (!this.#directories.has(posix.dirname(target))) refuse('rename', from, 'ENOENT')
      if (this.#directories.has(source)) {
        this.#renameDirectory(from, source, target)
        return
      }
      const bytes = this.#files.get(source)
      if (bytes === undefined) refuse('rename', from, 'ENOENT')
      if (this.#directories.has(target)) refuse('rename', from, 'EISDIR')
      this.#files.delete(source)
      this.#files.set(target, bytes)
    })
  }

  remove (path: string): Promise<void> {
    return attempt(() => {
      const at = absolute(path)
      if (this.#directories.has(at)) this.#assertEmpty('remove', path, at)
      this.#directories.delete(at)
      this.#files.delete(at)
    })
  }

  list (path: string): Promise<string[]> {
    return attempt(() => {
      const at = absolute(path)
      if (this.#files.has(at)) refuse('list', path, 'ENOTDIR')
      return [...this.#files.keys(), ...this.#directories].filter(name => name !== '/' && posix.dirname(name) === at)
        .map(name => posix.basename(name))
    })
  }

  stat (path: string): Promise<FileStat | undefined> {
    return attempt(() => {
      if (this.#directories.has(absolute(path))) return { type: 'directory', bytes: 0 }
      const bytes = this.#files.get(absolute(path))
      return bytes === undefined ? undefined : { type: 'file', bytes: bytes.byteLength }
    })
  }

  syncDirectory (path: string): Promise<void> {
    return attempt(() => {
      if (!this.#directories.has(absolute(path))) refuse('sync directory', path, 'ENOENT')
    })
  }

  space (path: string): Promise<FileSystemSpace> {
    return attempt(() => {
      const at = absolute(path)
      if (!this.#directories.has(at) && !this.#files.has(at)) refuse('measure', path, 'ENOENT')
      // The system gives memory until it gives none; how much that will be nobody knows.
      return { type: 'memory', bytesTotal: totalmem(), bytesFree: Number.MAX_SAFE_INTEGER, filesTotal: 0, filesFree: 0 }
    })
  }

  settled (): Promise<void> {
    return Promise.resolve()
  }

  #renameDirectory (path: string, source: string, target: string): void {
    if (this.#files.has(target)) refuse('rename', path, 'ENOTDIR')
    if (`${target}/`.startsWith(`${source}/`)) refuse('rename', path, 'EINVAL')
    if (this.#directories.has(target)) this.#assertEmpty('rename', path, target)
    const below = (at: string): boolean => at === source || at.startsWith(`${source}/`)
    const moved = (at: string): string => target + at.slice(source.length)
    for (const at of [...this.#directories].filter(below)) {
      this.#directories.delete(at)
      this.#directories.add(moved(at))
    }
    for (const [at, bytes] of [...this.#files].filter(([at]) => below(at))) {
      this.#files.delete(at)
      this.#files.set(moved(at), bytes)
    }
  }

  #assertEmpty (operation: string, path: string, at: string): void {
    const isEmpty = at !== '/' && ![...this.#files.keys(), ...this.#directories].some(name => name.startsWith(`${at}/`))
    if (!isEmpty) refuse(operation, path, 'ENOTEMPTY')
  }
}

function absolute (path: string): string {
  return posix.resolve('/', path.replaceAll('\\', '/'))
}

/** Runs at once, and says what happened as a real file system does: later. */
function attempt<T> (work: () => T): Promise<T> {
  return new Promise(resolve => {
    resolve(work())
  })
}

function refuse (operation: string, path: string, code: string): never {
  throw new StorageError(`The file system refuses to ${operation} ${path}: ${code}`, { path, operation, code })
}
