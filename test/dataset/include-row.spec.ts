import { describe, expect, it } from 'vitest'
import { includeRow } from '../../src/dataset/include-row.ts'
import { measureRows } from '../../src/dataset/row-trees.ts'
import { memorySource } from '../../src/dataset/table-source.ts'
import { fromHex } from '../../src/format/hex.ts'
import { verifyInclusion } from '../../src/merkle/inclusion.ts'
import { CountedSource, numberedParquet } from './parquet-files.ts'
import type { ReadKept } from '../../src/dataset/include-row.ts'
import type { TableSource } from '../../src/dataset/table-source.ts'
import type { TableRows } from '../../src/format/table-rows.ts'

interface Kept { table: TableRows, kept: ReadKept, read: number[] }

async function keptOf (source: TableSource): Promise<Kept> {
  const { rows, tiles } = await measureRows(source, 'cid') ?? {}
  if (rows === undefined || tiles === undefined) throw new Error('it is a table')
  const read: number[] = []
  const kept: ReadKept = async ({ offset, length }) => {
    read.push(length)
    return await Promise.resolve(tiles.slice(offset, offset + length))
  }
  return { table: rows, kept, read }
}

/** Text that remembers which parts of it were read. */
function countedText (path: string, text: string): { source: TableSource, parts: (number | undefined)[] } {
  const [base, parts] = [memorySource(path, new TextEncoder().encode(text)), [] as (number | undefined)[]]
  return { source: { ...base, stream: options => { parts.push(options?.length); return base.stream(options) } }, parts }
}

const csv = `id,text\r\n${Array.from({ length: 1000 }, (_, n) => `${n},"a\n${'b'.repeat(n % 50)}"\r\n`).join('')}`
const jsonl = Array.from({ length: 600 }, (_, n) => `{"n":${n}}\n`).join('')

describe('includeRow', () => {
  it.each([['a.csv', csv, 1000], ['a.jsonl', jsonl, 600]] as const)('reads of %s the 256 rows among which the row is', async (path, text, rows) => {
    const { source, parts } = countedText(path, text)
    const { table, kept } = await keptOf(source)
    for (const index of [0, 255, 256, 511, rows - 1]) {
      parts.length = 0
      const { entry, hashes } = await includeRow(source, { table, index, kept })
      verifyInclusion({ entry, index, tree: { size: rows, root: fromHex(table.root) } }, hashes)
      expect(parts).toHaveLength(1)
      expect(parts[0]).toBeLessThan(text.length / 2)
    }
  })

  it('reads of Parquet the row groups in which they are, and a few hashes', async () => {
    const source = new CountedSource('a.parquet', numberedParquet())
    const { table, kept, read } = await keptOf(source)
    for (const [index, groups] of [[100, 1], [999, 2], [9_999, 1]] as const) {
      source.asked.length = read.length = 0
      const { entry, hashes } = await includeRow(source, { table, index, kept })
      verifyInclusion({ entry, index, tree: { size: 10_000, root: fromHex(table.root) } }, hashes)
      const bytes = source.asked.slice(1).reduce((sum, { start, end }) => sum + end - start, 0)
      expect(bytes).toBeLessThan(groups * source.size / 9)
      expect(read.reduce((sum, length) => sum + length, 0)).toBeLessThan(2 * 256 * 32)
    }
  })

  it('reads all of a table of which nothing is kept', async () => {
    const { source, parts } = countedText('a.jsonl', jsonl)
    const { table } = await keptOf(source)
    const { entry, hashes } = await includeRow(source, { table, index: 7, kept: undefined })
    verifyInclusion({ entry, index: 7, tree: { size: 600, root: fromHex(table.root) } }, hashes)
    expect(parts).toEqual([undefined, undefined])
  })

  it('refuses places that are none in the file', async () => {
    const { source } = countedText('a.jsonl', jsonl)
    const { table, kept } = await keptOf(source)
    const wrong = (places: number[]): ReadKept => async (range, options) => range.length === 8 * places.length
      ? Uint8Array.from(places.flatMap(place => [0, 0, 0, 0, 0, place, 0, 0]))
      : await kept(range, options)
    await expect(includeRow(source, { table, index: 0, kept: wrong([2, 1]) })).rejects.toMatchObject({ name: 'InvalidTileError', message: expect.stringContaining('are said to be at bytes') as string })
    await expect(includeRow(source, { table, index: 599, kept: wrong([9]) })).rejects.toMatchObject({ name: 'InvalidTileError' })
    await expect(includeRow({ ...source, size: 65_536 }, { table, index: 0, kept: wrong([1, 1]) })).rejects.toMatchObject({ name: 'InvalidTileError', message: 'Row 0 is not where it is said to be' })
  })
})
