import { parquetMetadata } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { checkLayout, chunkRange } from '../../src/dataset/parquet-layout.ts'
import { parquetLeaves, parquetTree } from '../../src/dataset/parquet-schema.ts'
import { numberedParquet } from './parquet-files.ts'
import type { ChunkMetadata } from '../../src/dataset/parquet-layout.ts'
import type { FileMetaData, RowGroup } from 'hyparquet'

const file = numberedParquet()
const read = (): FileMetaData => parquetMetadata(file)
const contentBytes = file.byteLength - read().metadata_length - 8

function check (change: (metadata: FileMetaData, group: RowGroup, chunk: ChunkMetadata) => void): void {
  const metadata = read()
  const [group] = metadata.row_groups
  const chunk = group?.columns[1]?.meta_data
  if (group === undefined || chunk === undefined) throw new Error('there is one')
  change(metadata, group, chunk)
  checkLayout(metadata, parquetLeaves(parquetTree(metadata.schema)), contentBytes)
}

describe('checkLayout', () => {
  it('takes what a writer says', () => {
    expect(() => { check(() => {}) }).not.toThrow()
  })

  it.each<[string, Parameters<typeof check>[0], string]>([
    ['more rows than there are', metadata => { metadata.num_rows++ }, 'it says that there are 10001 rows, and its row groups have 10000'],
    ['fewer rows than none', metadata => { metadata.num_rows = -1n }, 'the file has rows, and their number is -1'],
    ['2^63 rows in a row group', (_, group) => { group.num_rows = 2n ** 63n }, 'row group 0 has rows, and their number is 9223372036854775808'],
    ['a row group without a column', (_, group) => { group.columns.pop() }, 'row group 0 has 2 columns, and the schema 3'],
    ['values for other rows', (_, __, chunk) => { chunk.num_values = 999n }, 'column "name" of row group 0 has 999 values for 1000 rows'],
    ['a column behind its end', (_, __, chunk) => { chunk.total_compressed_size = BigInt(file.byteLength) }, 'column "name" of row group 0 is said to be at bytes'],
    ['a column in front of its start', (_, __, chunk) => { chunk.data_page_offset = 0n; delete chunk.dictionary_page_offset }, 'is said to be at bytes 0 to'],
    ['a negative size', (_, __, chunk) => { chunk.total_uncompressed_size = -1n }, 'column "name" of row group 0 has bytes, and their number is -1'],
    ['a column of another name', (_, __, chunk) => { chunk.path_in_schema = ['other'] }, 'column "name" of row group 0 is said to be "other" of type BYTE_ARRAY'],
    ['a column in another file', (_, group) => { for (const column of group.columns) column.file_path = '/etc/passwd' }, 'column "id" of row group 0 is in another file'],
    ['an encrypted column', (_, group) => { for (const column of group.columns) column.crypto_metadata = {} }, 'column "id" of row group 0 is encrypted'],
    ['nothing of a column', (_, group) => { for (const column of group.columns) delete column.meta_data }, 'nothing is said of column "id" of row group 0']
  ])('refuses a footer that says %s', (_, change, problem) => {
    expect(() => { check(change) }).toThrow(problem)
  })
})

describe('chunkRange', () => {
  it('starts with the dictionary where there is one', () => {
    const chunk = { data_page_offset: 40n, total_compressed_size: 20n } as ChunkMetadata
    expect(chunkRange(chunk)).toEqual({ start: 40, end: 60 })
    expect(chunkRange({ ...chunk, dictionary_page_offset: 0n })).toEqual({ start: 40, end: 60 })
    expect(chunkRange({ ...chunk, dictionary_page_offset: 30n })).toEqual({ start: 30, end: 50 })
  })
})
