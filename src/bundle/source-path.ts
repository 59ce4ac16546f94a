import { constants } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { LimitExceededError, SourceUnreadableError } from '../errors.ts'
import { checkPath } from '../format/entry-name.ts'
import { quote } from '../format/quote.ts'
import { importFilesConcurrency } from '../limits.ts'
import { fileCalls } from '../store/file-calls.ts'
import { changed, ListedFolder } from './listed-folder.ts'
import type { BigIntStats } from 'node:fs'
import type { AbortOptions } from '../interface/primitives.ts'
import type { FolderIdentity } from './listed-folder.ts'
import type { FoundFile, SourceEntry, SourceFile } from './source-entry.ts'

const pieceBytes = 1024 * 1024

/** A file with less is read through memory that the next small one takes. */
const smallBytes = 64 * 1024
const smallBuffers: Buffer[] = []

/**
 * Finds what a path on disk brings into a bundle: a file, or a directory with everything below it, sorted, hidden files and empty
 * directories included.
 *
 * @throws {@link SourceUnreadableError} when something is missing, unreadable, or neither a file nor a directory
 * @throws {@link SourceChangedError} when something else takes the place of a directory while it is listed
 * @throws {@link InvalidNameError} when a name on disk cannot be in a bundle
 * @throws {@link LimitExceededError} when one directory has more than `entriesMax` entries
 */
export async function * openSourcePath (source: string, path: string, entriesMax: number): AsyncGenerator<SourceEntry> {
  const folders: Folder[] = []
  let next: { source: string, path: string, found?: FoundFile } | undefined = { source, path }
  while (next !== undefined) {
    const { source, path, found } = next
    const stats = await refuseUnreadable(source, fileCalls.lstat(source, { bigint: true }))
    if (stats.isFile()) {
      yield { ...fileOnDisk(source, path), ...(found === undefined ? {} : { found }) }
    } else if (stats.isDirectory()) {
      yield { type: 'directory', path }
      const names = await refuseUnreadable(source, namesIn(source, path, entriesMax))
      // A link may have taken its place, and what was listed is somewhere else then.
      await new ListedFolder(source, stats, 0).check()
      folders.push({ source, path, identity: { dev: stats.dev, ino: stats.ino }, names: names.sort().values() })
    } else {
      throw unreadable(source, `is ${kindOf(stats)}, and only files and directories go into a bundle`)
    }
    next = nextIn(folders)
  }
}

/** A file on disk, as it goes into a bundle; of a folder that was listed, it is read only while that is still there. */
export function fileOnDisk (source: string, path: string, folder?: ListedFolder): SourceFile {
  const open = folder === undefined ? readSourcePath : readListed.bind(undefined, folder)
  return { type: 'file', path, open: options => open(source, options) }
}

/** A folder on disk, and the names in it that come next. */
interface Folder {
  source: string
  path: string
  identity: FolderIdentity
  names: Iterator<string, undefined>
}

/** What comes next in the innermost folder; undefined at the end of all of them. */
function nextIn (folders: Folder[]): { source: string, path: string, found: FoundFile } | undefined {
  for (let folder = folders.at(-1); folder !== undefined; folder = folders.at(-1)) {
    const { value: name } = folder.names.next()
    if (name !== undefined) {
      const { source, path, identity } = folder
      return { source: join(source, name), path: `${path}/${name}`, found: { folder: source, identity, name } }
    }
    folders.pop()
  }
  return undefined
}

async function * readListed (folder: ListedFolder, source: string, options: AbortOptions): AsyncGenerator<Uint8Array> {
  await folder.opening()
  yield * readSourcePath(source, options)
  await folder.read()
}

/**
 * Reads a file. The piece is overwritten by the next one.
 *
 * @throws {@link SourceUnreadableError} when it cannot be read
 * @throws {@link SourceChangedError} when it changed meanwhile
 */
async function * readSourcePath (source: string, { signal }: AbortOptions): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted()
  // A link or a pipe may have taken the file's place: neither is followed, and opening does not wait for a writer.
  const flags = constants.O_RDONLY | flagOf('O_NOFOLLOW') | flagOf('O_NONBLOCK')
  const file = await refuseUnreadable(source, fileCalls.open(source, flags))
  try {
    const before = await refuseUnreadable(source, fileCalls.fstat(file, { bigint: true }))
    if (!before.isFile()) throw unreadable(source, `is ${kindOf(before)}, and was a file a moment ago`)
    yield * readPieces(source, file, Number(before.size), signal)
    // Of the path and not of the descriptor: that is the same when the file was written to, and another when it was replaced.
    const after = await fileCalls.lstat(source, { bigint: true }).catch(() => undefined)
    if (!isSame(before, after)) throw changed(source)
  } finally {
    await fileCalls.close(file)
  }
}

async function * readPieces (
  source: string, file: number, size: number, signal: AbortSignal | undefined
): AsyncGenerator<Uint8Array> {
  const isSmall = size < smallBytes
  const bytes = isSmall ? smallBytes : Math.min(size + 1, pieceBytes)
  const buffer = (isSmall ? smallBuffers.pop() : undefined) ?? Buffer.allocUnsafeSlow(bytes)
  try {
    yield * readThrough(buffer, source, file, size, signal)
  } finally {
    if (isSmall && smallBuffers.length < importFilesConcurrency) smallBuffers.push(buffer)
  }
}

async function * readThrough (
  buffer: Buffer, source: string, file: number, size: number, signal: AbortSignal | undefined
): AsyncGenerator<Uint8Array> {
  // A file that says less than it has, as those of /proc do, would go in cut off: a byte more is asked for than there is.
  for (let at = 0; at <= size;) {
    signal?.throwIfAborted()
    const wanted = Math.min(buffer.byteLength, size + 1 - at)
    const { bytesRead } = await refuseUnreadable(source, fileCalls.read(file, buffer, 0, wanted, at))
    const end = at + bytesRead
    if (end > size || (bytesRead === 0 && at < size)) throw changed(source)
    if (bytesRead > 0) yield buffer.subarray(0, bytesRead)
    // Less than was asked for, and all that was expected: that is the end.
    if (end === size && bytesRead < wanted) return
    at = end
  }
}

/** Names are checked as they come, so that a directory with too long a path is left early. */
async function namesIn (source: string, path: string, entriesMax: number): Promise<string[]> {
  const names: string[] = []
  for await (const { name } of await opendir(source)) {
    checkPath(`${path}/${name}`)
    names.push(name)
    if (names.length > entriesMax) {
      throw new LimitExceededError(`${quote(source)} has more than ${entriesMax} entries`,
        { limit: 'entriesMax', max: entriesMax, actual: names.length, path: source })
    }
  }
  return names
}

async function refuseUnreadable<T> (source: string, step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (cause) {
    if (!(cause instanceof Error) || !('syscall' in cause)) throw cause
    throw unreadable(source, `cannot be read: ${cause.message}`, cause)
  }
}

function isSame (before: BigIntStats, after: BigIntStats | undefined): boolean {
  const fields = ['dev', 'ino', 'size', 'mtimeNs'] as const
  return fields.every(field => before[field] === after?.[field])
}

/** Windows has neither, and the constants are missing there. */
function flagOf (name: 'O_NOFOLLOW' | 'O_NONBLOCK'): number {
  return (constants as Partial<typeof constants>)[name] ?? 0
}

function kindOf (stats: BigIntStats): string {
  if (stats.isSymbolicLink()) return 'a symbolic link'
  if (stats.isDirectory()) return 'a directory'
  if (stats.isFIFO()) return 'a pipe'
  if (stats.isSocket()) return 'a socket'
  return 'a device'
}

function unreadable (source: string, problem: string, cause?: unknown): SourceUnreadableError {
  return new SourceUnreadableError(`${quote(source)} ${problem}`, { path: source, cause })
}
