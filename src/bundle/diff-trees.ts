import { LimitExceededError } from '../errors.ts'
import { forEachConcurrent } from '../format/concurrent.ts'
import { checkPath } from '../format/entry-name.ts'
import { diffReadConcurrency } from '../limits.ts'
import { below } from './dag-reader.ts'
import { pairDirectories, pairShards } from './pair-entries.ts'
import { openEntry } from './tree.ts'
import type { EntryPair, NodePair } from './pair-entries.ts'
import type { OpenTree, TreeEntry, TreeFile, TreeOptions } from './tree.ts'

/** A file that is not the same in both trees: only before when it was removed, only after when it was added. */
export interface TreeChange {
  path: string
  before?: TreeFile
  after?: TreeFile
}

/** Something that is not the same in both trees, and at which path. */
type Pair = { path: string } & (EntryPair | NodePair)

/**
 * Finds the files that differ between two trees. What has the same CID on both sides is passed over unread, also inside of
 * sharded directories, so that the work is that of the difference, and so are the blocks that are fetched.
 *
 * @returns the changes in the order of their paths
 * @throws {@link InvalidNameError}, {@link InvalidDagError} when a directory cannot be in a bundle
 * @throws {@link LimitExceededError} when more than `entriesMax` entries differ
 */
export async function diffTrees (before: OpenTree, after: OpenTree, options: TreeOptions): Promise<TreeChange[]> {
  const changes: TreeChange[] = []
  let count = 0
  let level: Pair[] = before.root.cid.equals(after.root.cid) ? [] : expand(before.root.path, before.root, after.root, changes)
  while (level.length > 0) {
    const next: Pair[] = []
    await forEachConcurrent(level, diffReadConcurrency, async pair => {
      options.signal?.throwIfAborted()
      const found = await compare(before, after, pair, changes, options)
      count += found.length
      if (count > options.entriesMax) {
        throw new LimitExceededError(`More than ${options.entriesMax} entries differ between the two`,
          { limit: 'entriesMax', max: options.entriesMax, actual: count })
      }
      for (const one of found) next.push(one)
    })
    level = next
  }
  return changes.sort((a, b) => a.path < b.path ? -1 : 1)
}

async function compare (
  before: OpenTree, after: OpenTree, pair: Pair, changes: TreeChange[], options: TreeOptions
): Promise<Pair[]> {
  if (pair.type === 'entries') {
    const [left, right] = await Promise.all([
      pair.before === undefined ? undefined : openEntry(before.reader, pair.path, pair.before, options),
      pair.after === undefined ? undefined : openEntry(after.reader, pair.path, pair.after, options)
    ])
    return expand(pair.path, left, right, changes)
  }
  const pairs = pair.type === 'directories'
    ? await pairDirectories(...await Promise.all([
        prepared(before, pair.before, pair.after, options), prepared(after, pair.after, pair.before, options)
      ]), options)
    : await pairShards(before.reader, after.reader, pair, options)
  return pairs.map(one => one.type === 'entries' ? { ...one, path: entryPath(pair.path, one.name) } : { ...one, path: pair.path })
}

/** Compares what stands at one path; directories are looked into later. */
function expand (path: string, before: TreeEntry | undefined, after: TreeEntry | undefined, changes: TreeChange[]): Pair[] {
  const [left, right] = [fileOf(before), fileOf(after)]
  if (left !== undefined || right !== undefined) {
    changes.push({ path, ...(left === undefined ? {} : { before: left }), ...(right === undefined ? {} : { after: right }) })
  }
  const [leftDirectory, rightDirectory] = [directoryOf(before), directoryOf(after)]
  if (leftDirectory === undefined && rightDirectory === undefined) return []
  return [{ type: 'directories', path, before: leftDirectory, after: rightDirectory }]
}

/** A directory that is on one side only is needed whole. */
async function prepared (
  { reader }: OpenTree, own: Extract<TreeEntry, { type: 'directory' }> | undefined, other: unknown, options: TreeOptions
): Promise<{ reader: OpenTree['reader'], directory: typeof own }> {
  if (own !== undefined && other === undefined) await reader.prepare?.(below(own, 'inner'), options)
  return { reader, directory: own }
}

function entryPath (directory: string, name: string): string {
  const path = directory === '' ? name : `${directory}/${name}`
  checkPath(path)
  return path
}

function fileOf (entry: TreeEntry | undefined): TreeFile | undefined {
  return entry?.type === 'file' ? entry : undefined
}

function directoryOf (entry: TreeEntry | undefined): Extract<TreeEntry, { type: 'directory' }> | undefined {
  return entry?.type === 'directory' ? entry : undefined
}
