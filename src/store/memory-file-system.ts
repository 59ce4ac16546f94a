import { randomUUID } from 'node:crypto'
import { posix } from 'node:path'
import { StorageError } from '../errors.ts'
import type { FileRange, FileStat, FileSystem } from './file-system.ts'

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
      this.#files.set(at, new Uint8Array(Buffer.concat(chunks)))
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
      const bytes = this.#files.get(source)
      if (bytes === undefined || !this.#directories.has(posix.dirname(target))) refuse('rename', from, 'ENOENT')
      if (this.#directories.has(target)) refuse('rename', from, 'EISDIR')
      this.#files.delete(source)
      this.#files.set(target, bytes)
    })
  }

  remove (path: string): Promise<void> {
    return attempt(() => {
      if (this.#directories.has(absolute(path))) refuse('remove', path, 'EISDIR')
      this.#files.delete(absolute(path))
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
