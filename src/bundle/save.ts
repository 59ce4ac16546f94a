import { lstat, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { InvalidNameError, StorageError } from '../errors.ts'
import { invalidArgument } from '../format/argument.ts'
import { forEachConcurrent } from '../format/concurrent.ts'
import { caseFold } from '../format/entry-name.ts'
import { toHex } from '../format/hex.ts'
import { quote } from '../format/quote.ts'
import { saveFilesConcurrency } from '../limits.ts'
import { makeDirectories } from '../store/make-directories.ts'
import { refusalAdvice } from '../store/refusal-advice.ts'
import { reportProgress } from '../transfer/report-progress.ts'
import { readFile } from './file.ts'
import { walkTree } from './tree.ts'
import type { DagReader } from './dag-reader.ts'
import type { TreeEntry, TreeFile, TreeOptions } from './tree.ts'
import type { SaveOptions } from '../interface/bundle.ts'

/** How to save. */
export interface SaveTreeOptions extends SaveOptions, TreeOptions {
  /** Makes the names of temporary files. */
  random: (bytes: number) => Uint8Array
}

/** Names that mean a device on Windows, with or without an extension. */
const windowsDevice = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i

/** Characters and endings that Windows does not take, or takes for something else. */
const windowsForbidden = /[<>:"|?*]|[. ]$/

/**
 * Writes every file and directory below `directory`, which is made when it is not there. A file that exists is replaced
 * as a whole. Files are renamed into place when they are complete; they are not fsynced. A file that is the root itself
 * gets its CID as its name.
 *
 * @throws {@link InvalidArgumentError} when `directory` is not a path
 * @throws {@link InvalidNameError} when a name cannot be written, before anything is, or when something other than a
 *   directory is in the place of one
 * @throws {@link StorageError} when the file system refuses
 */
export async function saveTree (reader: DagReader, root: TreeEntry, directory: string, options: SaveTreeOptions): Promise<void> {
  const given: unknown = directory
  if (typeof given !== 'string' || given === '' || given.includes('\0')) throw invalidArgument('directory', 'the path of a directory', given)
  const target = await storage(directory, makeDirectories(directory).then(async () => realpath(directory)))
  const entries = (): AsyncIterable<TreeEntry> | TreeEntry[] =>
    root.type === 'file' ? [{ ...root, path: root.cid.toString() }] : walkTree(reader, root, options)
  await checkNames(entries(), await ignoresCase(target, options))
  const files = filesBelow(entries(), target)
  await forEachConcurrent(files, saveFilesConcurrency, async file => saveFile(reader, file, target, options))
}

/** @throws {@link InvalidNameError} when the operating system or the file system cannot hold a path, or not beside another */
export async function checkNames (
  entries: AsyncIterable<TreeEntry> | Iterable<TreeEntry>, ignoreCase: boolean, platform: NodeJS.Platform = process.platform
): Promise<void> {
  const folded = new Map<string, string>()
  for await (const { path } of entries) {
    const name = path.slice(path.lastIndexOf('/') + 1)
    if (platform === 'win32' && (windowsDevice.test(name) || windowsForbidden.test(name))) {
      throw new InvalidNameError(`${quote(path)} cannot be written on Windows`, { value: path })
    }
    if (!ignoreCase) continue
    const twin = folded.get(caseFold(path))
    if (twin !== undefined) {
      throw new InvalidNameError(`${quote(path)} and ${quote(twin)} are one file in the target, which ignores case`, { value: path, twin })
    }
    folded.set(caseFold(path), path)
  }
}

async function ignoresCase (target: string, { random }: SaveTreeOptions): Promise<boolean> {
  const probe = temporaryName(target, random)
  try {
    await storage(probe, open(probe, 'wx').then(async file => file.close()))
    const twin = join(dirname(probe), probe.slice(dirname(probe).length + 1).toUpperCase())
    return await stat(twin).then(() => true, () => false)
  } finally {
    await rm(probe, { force: true })
  }
}

/** Makes every directory before the files in it are given. */
async function * filesBelow (
  entries: AsyncIterable<TreeEntry> | Iterable<TreeEntry>, target: string
): AsyncGenerator<TreeFile> {
  for await (const entry of entries) {
    if (entry.type === 'file') yield entry
    else await makeDirectory(join(target, entry.path))
  }
}

/** What is there already must be a directory itself: a link could lead out of the target. */
async function makeDirectory (path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (cause) {
    if (!isExisting(cause)) throw refused(path, cause)
    if ((await storage(path, lstat(path))).isDirectory()) return
    throw new InvalidNameError(`${quote(path)} is in the target already, and is not a directory`, { value: path })
  }
}

async function saveFile (reader: DagReader, file: TreeFile, target: string, options: SaveTreeOptions): Promise<void> {
  const path = join(target, file.path)
  const temporary = temporaryName(dirname(path), options.random)
  const handle = await storage(path, open(temporary, 'wx'))
  try {
    try {
      for await (const piece of readFile(reader, file, { signal: options.signal })) await storage(path, handle.writeFile(piece))
    } finally {
      await handle.close()
    }
    await storage(path, rename(temporary, path))
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  reportProgress(options, { type: 'datanode:save:file', detail: { path: file.path, bytes: file.size } })
}

function temporaryName (directory: string, random: (bytes: number) => Uint8Array): string {
  return join(directory, `.datanode-${toHex(random(8)).slice(2)}.tmp`)
}

async function storage<T> (path: string, step: Promise<T>): Promise<T> {
  try {
    return await step
  } catch (cause) {
    throw refused(path, cause)
  }
}

function refused (path: string, cause: unknown): StorageError {
  const code = codeOf(cause)
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StorageError(`${quote(path)} cannot be written: ${reason}${refusalAdvice(code)}`, { path, code, cause })
}

function isExisting (cause: unknown): boolean {
  return codeOf(cause) === 'EEXIST'
}

function codeOf (cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'unknown reason'
}
