import { FileNotFoundError, LimitExceededError } from '../errors.ts'
import { rawCodec } from '../format/dag-links.ts'
import { invalidArgument } from '../format/argument.ts'
import { checkPath } from '../format/entry-name.ts'
import { quote } from '../format/quote.ts'
import { directoryDepthMax, pathBytesMax } from '../limits.ts'
import { listDirectory, lookUp } from './directory.ts'
import { readNode } from './read-node.ts'
import type { DagPlace, DagReader } from './dag-reader.ts'
import type { DirectoryEntry, OpenDirectory } from './directory.ts'
import type { ReadNodeOptions } from './read-node.ts'
import type { UnixfsNode } from './unixfs-node.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/** A file of a bundle. */
export interface TreeFile extends DagPlace {
  type: 'file'
  path: string
  /** Content bytes; for a file that is one raw block as the link to it says, checked when it is read. */
  size: number
}

/** A directory of a bundle. */
export interface TreeDirectory extends OpenDirectory {
  type: 'directory'
  path: string
}

/** What stands at a path. */
export type TreeEntry = TreeFile | TreeDirectory

/** A bundle that can be read: its root, and where its blocks are. */
export interface OpenTree {
  reader: DagReader
  root: TreeEntry
}

/** How far a tree is walked. */
export interface TreeOptions extends ReadNodeOptions {
  /** More files and directories than this are refused. */
  entriesMax: number
}

/**
 * Walks everything below a directory, depth first, names in the order of the DAG. A directory comes before what it holds.
 * Of a file only its first block is read, and nothing when that is raw and its size is known.
 *
 * @throws {@link InvalidNameError} when a name or path cannot be in a bundle
 * @throws {@link InvalidDagError} when a block is not what it should be
 * @throws {@link LimitExceededError} when there are more than `entriesMax` entries
 */
export async function * walkTree (reader: DagReader, root: TreeDirectory, options: TreeOptions): AsyncGenerator<TreeEntry> {
  const frames = [{ path: root.path, entries: listDirectory(reader, root, options) }]
  let count = 0
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    options.signal?.throwIfAborted()
    const next = await frame.entries.next()
    if (next.done === true) {
      frames.pop()
      continue
    }
    if (++count > options.entriesMax) {
      throw new LimitExceededError(`There are more than ${options.entriesMax} files and directories in the bundle`,
        { limit: 'entriesMax', max: options.entriesMax, actual: count })
    }
    const path = frame.path === '' ? next.value.name : `${frame.path}/${next.value.name}`
    checkPath(path)
    const entry = await openEntry(reader, path, next.value, options)
    yield entry
    if (entry.type === 'directory') frames.push({ path, entries: listDirectory(reader, entry, options) })
  }
}

/** Opens the root of a bundle: a directory, or of plain UnixFS a file. */
export async function openRoot (reader: DagReader, root: CidOnly, options?: AbortOptions): Promise<TreeEntry> {
  const place = { cid: root.cid, position: [] }
  return describe('', place, await readNode(reader, place, options))
}

/**
 * Finds what stands at a path below a directory; the empty path is the directory itself.
 *
 * @throws {@link FileNotFoundError} when nothing stands there
 * @throws {@link InvalidArgumentError} when the path is not text
 */
export async function resolvePath (reader: DagReader, root: TreeEntry, path: string, options?: AbortOptions): Promise<TreeEntry> {
  const given: unknown = path
  if (typeof given !== 'string') throw invalidArgument('path', 'text', given)
  const names = path === '' ? [] : path.split('/', directoryDepthMax + 2)
  let entry = root
  for (const name of path.length > pathBytesMax ? [] : names) {
    const link = entry.type === 'directory' ? await lookUp(reader, entry, name, options) : undefined
    if (link === undefined) throw notFound(path)
    entry = await openEntry(reader, entry.path === '' ? name : `${entry.path}/${name}`, link, options)
  }
  if (entry.path !== path) throw notFound(path)
  return entry
}

/** An error about a path that is not there, or not a file. */
export function notFound (path: string, problem = 'is not in the bundle'): FileNotFoundError {
  return new FileNotFoundError(`${quote(path)} ${problem}`, { path })
}

type CidOnly = Pick<DagPlace, 'cid'>

/**
 * Says what an entry of a directory is. Of a file only its first block is read, and nothing when that is raw and its size is
 * known.
 */
export async function openEntry (
  reader: DagReader, path: string, { cid, position, dagSize }: DirectoryEntry, options?: ReadNodeOptions
): Promise<TreeEntry> {
  const place = { cid, position }
  if (cid.code === rawCodec && dagSize !== undefined) return { type: 'file', path, size: dagSize, ...place }
  return describe(path, place, await readNode(reader, place, options))
}

function describe (path: string, place: DagPlace, node: UnixfsNode): TreeEntry {
  return node.type === 'file' ? { type: 'file', path, size: node.size, ...place } : { type: 'directory', path, node, ...place }
}
