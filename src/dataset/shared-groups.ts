import { hash } from 'node:crypto'
import { chunkRange } from './parquet-layout.ts'
import type { ParquetFile } from './parquet-rows.ts'
import type { ByteRange } from './table-source.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { FileBlock } from '../interface/table.ts'

/** The row groups of two tables by their numbers, in those of which the other one has an equal one and those of which not. */
export interface SharedGroups {
  before: readonly number[]
  after: readonly number[]
  /** How many stand in both. */
  same: number
}

/** A column of a row group whose blocks are being told. */
interface NamedChunk {
  group: number
  range: ByteRange
  /** What has to be equal beside the bytes. */
  words: string
  blocks: string[]
}

/**
 * Finds the row groups that two files share in these columns, by the CIDs of the blocks in which they are: equal blocks at equal
 * places are equal bytes. Blocks with links are fetched, and no content. Row groups that stand differently in their blocks are
 * not known to be equal.
 */
export async function sharedGroups (
  before: ParquetFile, after: ParquetFile, columns: readonly string[], options: AbortOptions = {}
): Promise<SharedGroups> {
  const [left, right] = await Promise.all([before, after].map(async file => await nameGroups(file, columns, options)))
  const places = new Map<string, number[]>()
  for (const [group, name] of left?.entries() ?? []) places.set(name, [...places.get(name) ?? [], group])
  const equal = new Set<number>()
  const added: number[] = []
  for (const [group, name] of right?.entries() ?? []) {
    const place = places.get(name)?.shift()
    if (place === undefined) added.push(group)
    else equal.add(place)
  }
  const all = before.footer.metadata.row_groups.map((_, group) => group)
  return {
    before: all.filter(group => !equal.has(group)),
    after: right === undefined ? after.footer.metadata.row_groups.map((_, group) => group) : added,
    same: equal.size
  }
}

/** A name of the content of each row group; undefined where the file is not in blocks. */
async function nameGroups (
  { footer, source }: ParquetFile, columns: readonly string[], options: AbortOptions
): Promise<string[] | undefined> {
  if (source.blocks === undefined) return undefined
  const chunks = chunksOf(footer, columns)
  await nameBlocks(chunks.toSorted((a, b) => a.range.start - b.range.start), source.blocks(options))
  const byGroup = Map.groupBy(chunks, ({ group }) => group)
  return footer.metadata.row_groups.map(({ num_rows: rows }, group) => {
    const words = byGroup.get(group)?.map(({ words, blocks }) => [words, ...blocks])
    return hash('sha256', JSON.stringify([String(rows), words]), 'base64')
  })
}

function chunksOf ({ metadata, columns: nodes, leaves }: ParquetFile['footer'], columns: readonly string[]): NamedChunk[] {
  const elements = new Map(nodes.map(node => [node.element.name, JSON.stringify(node)]))
  // In the order of their names: it is another one in the other file where columns moved.
  const places = columns.toSorted().flatMap(name => leaves.flatMap(({ path }, at) => path[0] === name ? [{ name, at }] : []))
  return metadata.row_groups.flatMap((row, group) => places.flatMap(({ name, at }) => {
    const chunk = row.columns[at]?.meta_data
    if (chunk === undefined) return []
    const { codec, num_values: values, path_in_schema: path, data_page_offset: data } = chunk
    const range = chunkRange(chunk)
    const words = [codec, path, elements.get(name), String(values), Number(data) - range.start, range.end - range.start]
    return [{ group, range, words: JSON.stringify(words), blocks: [] }]
  }))
}

/** Tells each of the chunks, which are in their order, in which blocks it is, and where in the first of them. */
async function nameBlocks (chunks: readonly NamedChunk[], blocks: AsyncIterable<FileBlock>): Promise<void> {
  let open: NamedChunk[] = []
  let next = 0
  for await (const { cid, start, size } of blocks) {
    const end = start + size
    for (let chunk = chunks[next]; chunk !== undefined && chunk.range.start < end; chunk = chunks[++next]) open.push(chunk)
    for (const { range, blocks } of open) {
      if (blocks.length === 0) blocks.push(String(range.start - start))
      blocks.push(cid.toString())
    }
    open = open.filter(({ range }) => range.end > end)
    if (open.length === 0 && next === chunks.length) return
  }
}
