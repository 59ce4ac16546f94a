// What a version holds, and what has changed from one to the next: anybody can find it out who knows their names.
import type { DataNode, DatasetBundle } from 'cortensor-datanode'
import type { Changes } from './start.ts'

/** Row groups and rows of all tables of a version. */
export interface Size { rowGroups: number, rows: number }

/** Compares two versions: their files, and the size of their tables. */
export async function changesOf (node: DataNode, before: string, after: string): Promise<Changes> {
  const { files, before: { version: from }, after: { version: to } } = await node.datasets.diff(before, after)
  const [old, young] = [await node.datasets.open(before), await node.datasets.open(after)]
  const [was, is] = [await sizeOf(old), await sizeOf(young)]
  await Promise.all([old.close(), young.close()])
  const pathsOf = (files: readonly { path: string }[]): string[] => files.map(({ path }) => path)
  return {
    from, to,
    files: { added: pathsOf(files.added), changed: pathsOf(files.changed), removed: pathsOf(files.removed) },
    rowGroups: is.rowGroups - was.rowGroups,
    rows: is.rows - was.rows
  }
}

/** Adds up the tables of a version. */
export async function sizeOf (dataset: DatasetBundle): Promise<Size> {
  const size = { rowGroups: 0, rows: 0 }
  for (const path of await tablesOf(dataset)) {
    const { rowGroups, rowCount = 0 } = await dataset.table(path)
    size.rowGroups += rowGroups.length
    size.rows += rowCount
  }
  return size
}

/** Paths of the tables of a version. */
export async function tablesOf (dataset: DatasetBundle): Promise<string[]> {
  const files = await Array.fromAsync(dataset.files('data'))
  return files.map(({ path }) => path).filter(path => path.endsWith('.parquet'))
}
