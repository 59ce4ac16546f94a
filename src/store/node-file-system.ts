import { readdir, readFile, realpath, rmdir, statfs, unlink } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { StorageError } from '../errors.ts'
import { TransientMap } from '../format/transient-map.ts'
import { descriptorRetryMsMin, descriptorWaitMs } from '../limits.ts'
import { fileCalls } from './file-calls.ts'
import { fileSystemType } from './file-system-type.ts'
import type { FileRange, FileStat, FileSystem, FileSystemSpace, WriteFileOptions } from './file-system.ts'
import { makeDirectories } from './make-directories.ts'
import { refusalAdvice } from './refusal-advice.ts'

/** Mode of new directories: nobody else on the machine sees data or names. */
export const directoryMode = 0o700

/** The disk, through `node:fs/promises`. */
export class NodeFileSystem implements FileSystem {
  /** What was read does not wait for its file to be closed. */
  readonly #closing = new TransientMap<Promise<void>, undefined>()

  realPath (path: string): Promise<string> {
    return refusing('resolve', path, () => realpath(path))
  }

  async makeDirectory (path: string): Promise<void> {
    await refusing('make directory', path, () => makeDirectories(path, directoryMode))
  }

  writeFile (path: string, chunks: readonly Uint8Array[], { sync }: WriteFileOptions): Promise<void> {
    return refusing('write', path, async () => {
      await withFile(path, 'wx', async file => {
        await writeAll(file, chunks)
        if (sync) await fileCalls.fsync(file)
      })
    })
  }

  readFile (path: string, range?: FileRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return refusing('read', path, () => unlessMissing(async () => {
      if (range === undefined) return new Uint8Array(await readFile(path))
      const file = await fileCalls.open(path, 'r')
      return await readRange(file, range).finally(() => { this.#close(file) })
    }))
  }

  rename (from: string, to: string): Promise<void> {
    return refusing('rename', from, () => fileCalls.rename(from, to))
  }

  async remove (path: string): Promise<void> {
    await refusing('remove', path, () => unlessMissing(() => unlinkOrRemoveDirectory(path)))
  }

  async list (path: string): Promise<string[]> {
    return await refusing('list', path, () => unlessMissing(() => readdir(path))) ?? []
  }

  stat (path: string): Promise<FileStat | undefined> {
    return refusing('examine', path, () => unlessMissing(async () => {
      const found = await fileCalls.stat(path)
      return { type: found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other', bytes: found.size }
    }))
  }

  async syncDirectory (path: string): Promise<void> {
    // Windows opens no directories; there a rename is durable by itself.
    if (process.platform === 'win32') return
    await refusing('sync directory', path, () => withFile(path, 'r', directory => fileCalls.fsync(directory)))
  }

  space (path: string): Promise<FileSystemSpace> {
    return refusing('measure', path, async () => {
      const { type, bsize, blocks, bavail, files, ffree } = await statfs(path)
      return {
        type: fileSystemType(type),
        bytesTotal: whole(blocks * bsize),
        bytesFree: whole(bavail * bsize),
        filesTotal: whole(files),
        filesFree: files === 0 ? 0 : whole(ffree)
      }
    })
  }

  async settled (): Promise<void> {
    while (this.#closing.size > 0) await Promise.all(this.#closing.keys())
  }

  #close (file: number): void {
    const end = (): void => { this.#closing.delete(closing) }
    // It was only read: that it cannot be closed changes nothing.
    const closing = fileCalls.close(file).then(end, end)
    this.#closing.set(closing, undefined)
  }
}

/** Systems say in different ways that a name is that of a directory. */
async function unlinkOrRemoveDirectory (path: string): Promise<void> {
  try {
    await unlink(path)
  } catch (error) {
    if (!['EISDIR', 'EPERM'].includes(codeOf(error))) throw error
    await rmdir(path).catch((cause: unknown) => {
      throw codeOf(cause) === 'ENOTDIR' ? error : cause
    })
  }
}

async function withFile<T> (path: string, flags: 'r' | 'wx', work: (file: number) => Promise<T>): Promise<T> {
  const file = await fileCalls.open(path, flags)
  try {
    return await work(file)
  } finally {
    await fileCalls.close(file)
  }
}

async function writeAll (file: number, chunks: readonly Uint8Array[]): Promise<void> {
  let bytes = 0
  for (const chunk of chunks) bytes += chunk.byteLength
  if (bytes === 0) return
  const { bytesWritten } = await fileCalls.writev(file, chunks)
  if (bytesWritten === bytes) return
  // A drive that takes less than it was given says why when it is given the rest.
  const rest = Buffer.concat(chunks).subarray(bytesWritten)
  for (let at = 0; at < rest.byteLength;) {
    const written = await fileCalls.write(file, rest, at, rest.byteLength - at, bytesWritten + at)
    if (written.bytesWritten === 0) throw Object.assign(new Error('the drive takes no more bytes'), { code: 'EIO' })
    at += written.bytesWritten
  }
}

async function readRange (
  file: number, { offset, length, expected }: FileRange
): Promise<Uint8Array<ArrayBuffer>> {
  // A range may be a bound that is far larger than the file.
  const left = expected === undefined ? (await fileCalls.fstat(file)).size - offset : length
  const bytes = new Uint8Array(Math.min(length, Math.max(left, 0)))
  let at = 0
  while (at < Math.min(bytes.byteLength, expected ?? Infinity)) {
    const { bytesRead } = await fileCalls.read(file, bytes, at, bytes.byteLength - at, offset + at)
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
    return await whenDescriptorsAreFree(work)
  } catch (cause) {
    const code = codeOf(cause)
    throw new StorageError(`The file system refuses to ${operation} ${path}: ${code}${refusalAdvice(code)}`,
      { cause, path, operation, code })
  }
}

/** Files are open for moments: one that cannot be opened now can be soon. Without a descriptor nothing was done. */
async function whenDescriptorsAreFree<T> (work: () => Promise<T>): Promise<T> {
  let leftMs = descriptorWaitMs
  for (let retryMs = descriptorRetryMsMin; ; retryMs *= 2) {
    try {
      return await work()
    } catch (error) {
      if (!['EMFILE', 'ENFILE'].includes(codeOf(error)) || leftMs <= 0) throw error
    }
    // All who wait would come back at the same moment.
    const waitMs = Math.min(retryMs * (0.5 + Math.random()), leftMs)
    leftMs -= waitMs
    await setTimeout(waitMs)
  }
}

function codeOf (error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown reason'
}

/** Network file systems may say more than a number holds, or something below zero. */
function whole (count: number): number {
  return Math.min(Math.max(count, 0), Number.MAX_SAFE_INTEGER)
}
