import { describe, expect, it } from 'vitest'
import { readParquetFooter } from '../../src/dataset/parquet-footer.ts'
import { loadHyparquet } from '../../src/dataset/parquet-package.ts'
import { sharedGroups } from '../../src/dataset/shared-groups.ts'
import { memorySource } from '../../src/dataset/table-source.ts'
import { BlockSource, parquetBytes } from './parquet-files.ts'
import type { ParquetFile } from '../../src/dataset/parquet-rows.ts'
import type { TableSource } from '../../src/dataset/table-source.ts'

const groupRows = 10_000
const columns = ['id', 'x']

/** A row group for each number, in which all is made from it. */
function bytesOf (numbers: readonly number[], { names = columns, codec = 'UNCOMPRESSED' }: { names?: string[], codec?: 'UNCOMPRESSED' | 'SNAPPY' } = {}): Uint8Array {
  const data = names.map((name, at) => {
    const values = numbers.flatMap(number => Array.from({ length: groupRows }, (_, row) => at + number + row / 3))
    return { name, data: Float64Array.from(values), nullable: false }
  })
  return parquetBytes(data, { rowGroupSize: groupRows, codec })
}

async function open (source: TableSource): Promise<ParquetFile> {
  const hyparquet = await loadHyparquet()
  return { hyparquet, source, footer: await readParquetFooter(hyparquet, source) }
}

async function shared (before: Uint8Array, after: Uint8Array, of = columns): Promise<unknown> {
  const [left, right] = [new BlockSource('a.parquet', before), new BlockSource('b.parquet', after)]
  const files = [await open(left), await open(right)] as const
  left.asked.length = right.asked.length = 0
  const found = await sharedGroups(...files, of)
  // No content was read for it.
  expect([left.asked, right.asked]).toEqual([[], []])
  return found
}

describe('sharedGroups', () => {
  it('finds row groups that are in both, wherever they stand', async () => {
    expect(await shared(bytesOf([9, 1, 2, 3, 4]), bytesOf([9, 3, 1, 5, 4]))).toEqual({ before: [2], after: [3], same: 4 })
    expect(await shared(bytesOf([1, 2]), bytesOf([1, 2]))).toEqual({ before: [], after: [], same: 2 })
  })

  it('takes one that is there several times as often as it is in both', async () => {
    expect(await shared(bytesOf([9, 1, 1, 1]), bytesOf([9, 2, 1, 1]))).toEqual({ before: [3], after: [1], same: 3 })
  })

  it('looks at the columns that are compared, in whatever order they are', async () => {
    const [before, after] = [bytesOf([1, 2]), bytesOf([1, 2], { names: ['id', 'x', 'new'] })]
    expect(await shared(before, after)).toEqual({ before: [], after: [], same: 2 })
    expect(await shared(before, after, ['x', 'id'])).toEqual({ before: [], after: [], same: 2 })
  })

  it('takes no bytes for equal that are read in another way', async () => {
    const before = bytesOf([1])
    const after = before.slice()
    const [file, other] = [await open(new BlockSource('a.parquet', before)), await open(new BlockSource('a.parquet', after))]
    expect(await sharedGroups(file, other, columns)).toMatchObject({ same: 1 })
    for (const { element } of other.footer.columns) element.converted_type = 'INTERVAL'
    expect(await sharedGroups(file, other, columns)).toMatchObject({ same: 0 })
    expect(await shared(bytesOf([1]), bytesOf([1], { codec: 'SNAPPY' }))).toEqual({ before: [0], after: [0], same: 0 })
  })

  it('knows nothing of what is in no blocks', async () => {
    const [bytes, blocks] = [bytesOf([1, 2]), new BlockSource('a.parquet', bytesOf([1, 2]))]
    const plain = await open(memorySource('a.parquet', bytes))
    expect(await sharedGroups(plain, await open(blocks), columns)).toEqual({ before: [0, 1], after: [0, 1], same: 0 })
    expect(await sharedGroups(await open(blocks), plain, columns)).toEqual({ before: [0, 1], after: [0, 1], same: 0 })
  })
})
