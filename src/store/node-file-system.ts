import { mkdir, open, readdir, readFile, realpath, rename, stat, unlink } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { StorageError } from '../errors.ts'
import type { FileRange, FileStat, FileSystem, WriteFileOptions } from './file-system.ts'

/** Mode of new directories: nobody else on the machine sees data or names. */
export const directoryMode = 0o700

/** The disk, through `node:fs/promises`. */
export class NodeFileSystem implements FileSystem {
  realPath (path: string): Promise<string> {
    return refusing('resolve', path, () => realpath(path))
  }

  async makeDirectory (path: string): Promise<void> {
    await refusing('make directory', path, () => mkdir(path, { recursive: true, mode: directoryMode }))
  }

  writeFile (path: string, chunks: readonly Uint8Array[], { sync }: WriteFileOptions): Promise<void> {
    return refusing('write', path, async () => {
      await withFile(path, 'wx', async file => {
        await writeAll(file, chunks)
        if (sync) await file.sync()
      })
    })
  }

  readFile (path: string, range?: FileRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return refusing('read', path, () => unlessMissing(async () => {
      if (range === undefined) return new Uint8Array(await readFile(path))
      return withFile(path, 'r', file => readRange(file, range))
    }))
  }

  rename (from: string, to: string): Promise<void> {
    return refusing('rename', from, () => rename(from, to))
  }

  async remove (path: string): Promise<void> {
    await refusing('remove', path, () => unlessMissing(() => unlink(path)))
  }

  async list (path: string): Promise<string[]> {
    return await refusing('list', path, () => unlessMissing(() => readdir(path))) ?? []
  }

  stat (path: string): Promise<FileStat | undefined> {
    return refusing('examine', path, () => unlessMissing(async () => {
      const found = await stat(path)
      return { type: found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other', bytes: found.size }
    }))
  }

  async syncDirectory (path: string): Promise<void> {
    // Windows opens no directories; there a rename is durable by itself.
    if (process.platform === 'win32') return
    await refusing('sync directory', path, () => withFile(path, 'r', directory => directory.sync()))
  }
}

async function withFile<T> (path: string, flags: 'r' | 'wx', work: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags)
  try {
    return await work(file)
  } finally {
    await file.close()
  }
}

async function writeAll (file: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  let bytes = 0
  for (const chunk of chunks) bytes += chunk.byteLength
  if (bytes === 0) return
  const { bytesWritten } = await file.writev(chunks)
  if (bytesWritten === bytes) return
  // A drive that takes less than it was given says why when it is given the rest.
  const rest = Buffer.concat(chunks).subarray(bytesWritten)
  for (let at = 0; at < rest.byteLength;) {
    const written = await file.write(rest, at, rest.byteLength - at, bytesWritten + at)
    if (written.bytesWritten === 0) throw Object.assign(new Error('the drive takes no more bytes'), { code: 'EIO' })
    at += written.bytesWritten
  }
}

async function readRange (file: FileHandle, { offset, length }: FileRange): Promise<Uint8Array<ArrayBuffer>> {
  // A range may be a bound that is far larger than the file.
  const { size } = await file.stat()
  const bytes = new Uint8Array(Math.min(length, Math.max(size - offset, 0)))
  let at = 0
  while (at < bytes.byteLength) {
    const { bytesRead } = await file.read(bytes, at, bytes.byteLength - at, offset + at)
    if (bytesRead === 0) break
    at += bytesRead
  }
  return bytes.subarray(0, at)
}

async function unlessMissing<T> (work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function refusing<T> (operation: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const code = codeOf(cause)
    throw new StorageError(`The file system refuses to ${operation} ${path}: ${code}`, { cause, path, operation, code })
  }
}

function codeOf (error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown reason'
}
