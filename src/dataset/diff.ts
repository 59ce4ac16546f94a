import { treeOf } from '../bundle/bundle-handle.ts'
import { diffTrees } from '../bundle/diff-trees.ts'
import { resolvePath } from '../bundle/tree.ts'
import { datasetEntriesMax } from '../limits.ts'
import { readTables } from './read-croissant.ts'
import { diffContents } from './diff-contents.ts'
import { diffTables } from './diff-tables.ts'
import { describeVersion } from './versions.ts'
import type { DiffContentsOptions, TableContentChange } from './diff-contents.ts'
import type { TreeChange } from '../bundle/diff-trees.ts'
import type { OpenTree, TreeFile } from '../bundle/tree.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { DatasetDiff, VersionFile, FileChange, FileRename, TableChange } from '../interface/dataset-diff.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/**
 * Says what differs between two versions: the files below `data/`, and of tables what their descriptions say. Only what differs
 * is walked, and fetched.
 *
 * @throws {@link LimitExceededError} when more entries differ than a version may have
 * @throws {@link InvalidCroissantError} when a description is none
 */
export async function diffVersions (
  before: DatasetBundle, after: DatasetBundle, options: DiffContentsOptions & { rows?: boolean } = {}
): Promise<DatasetDiff> {
  const [left, right] = [treeOf(before, options), treeOf(after, options)]
  const signal = AbortSignal.any([left.signal, right.signal])
  const [leftData, rightData] = await Promise.all([dataOf(left, { signal }), dataOf(right, { signal })])
  const changes = await diffTrees(leftData, rightData, { signal, entriesMax: datasetEntriesMax })
  const files = sortChanges(changes)
  const [leftTables, rightTables] = await Promise.all([readTables(before, { signal }), readTables(after, { signal })])
  const described = diffTables(leftTables, rightTables, files.renamed)
  const contents = options.rows === true ? await diffContents(before, after, files.changed, { key: options.key, signal }) : []
  const tables = joinChanges(described, contents)
  return { before: describeVersion(before), after: describeVersion(after), files, tables }
}

/** What is said of a table and what is in it, by its path. */
function joinChanges (described: readonly TableChange[], contents: readonly TableContentChange[]): TableChange[] {
  const byPath = new Map<string, TableChange>(described.map(change => [change.path, change]))
  for (const change of contents) byPath.set(change.path, { fields: [], ...byPath.get(change.path), ...change })
  return [...byPath.values()].sort((a, b) => a.path < b.path ? -1 : 1)
}

/** Tells what was renamed from what came and what went: the same content, under another name. */
export function sortChanges (changes: readonly TreeChange[]): DatasetDiff['files'] {
  const gone = new Map<string, VersionFile[]>()
  const changed: FileChange[] = []
  const came: VersionFile[] = []
  for (const { path, before, after } of changes) {
    if (before !== undefined && after !== undefined) changed.push({ path, before: describe(before), after: describe(after) })
    else if (after !== undefined) came.push(describe(after))
    else if (before !== undefined) {
      const key = before.cid.toString()
      gone.set(key, [...gone.get(key) ?? [], describe(before)])
    }
  }
  const renamed: FileRename[] = []
  const added: VersionFile[] = []
  for (const file of came) {
    const from = gone.get(file.cid)?.shift()
    if (from === undefined) added.push(file)
    else renamed.push({ from: from.path, to: file.path, cid: file.cid, bytes: file.bytes })
  }
  const removed = [...gone.values()].flat().sort((a, b) => a.path < b.path ? -1 : 1)
  return { added, removed, renamed, changed }
}

function describe ({ path, cid, size }: TreeFile): VersionFile {
  return { path, cid: cid.toString(), bytes: BigInt(size) }
}

/** Metadata differ between any two versions, and are no change of the data. */
async function dataOf ({ reader, root }: OpenTree, options: AbortOptions): Promise<OpenTree> {
  return { reader, root: await resolvePath(reader, root, 'data', options) }
}
