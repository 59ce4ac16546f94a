import { parquetMetadata, snappyUncompress } from 'hyparquet'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { ParquetPages } from '../../src/dataset/parquet-pages.ts'
import { readThrift } from '../../src/format/thrift.ts'
import { chunkRange } from '../../src/dataset/parquet-layout.ts'
import { parquetLeaves, parquetTree } from '../../src/dataset/parquet-schema.ts'
import { parquetBytes } from './parquet-files.ts'
import type { ChunkMetadata } from '../../src/dataset/parquet-layout.ts'
import type { ParquetNode } from '../../src/dataset/parquet-schema.ts'

interface Chunk { bytes: Uint8Array, leaf: ParquetNode, metadata: ChunkMetadata }

/** One column of numbers, some of which are missing, as its writer writes it. */
function chunkOf (compressors?: Parameters<typeof parquetBytes>[1]): Chunk {
  const data = Array.from({ length: 5_000 }, (_, n) => n % 5 === 0 ? null : n + 0.5)
  const file = parquetBytes([{ name: 'a', data, type: 'DOUBLE', encoding: 'PLAIN', offsetIndex: false }], { pageSize: 9_000, rowGroupSize: 5_000, ...compressors })
  const { schema, row_groups: [group] } = parquetMetadata(file)
  const [leaf] = parquetLeaves(parquetTree(schema))
  const metadata = group?.columns[0]?.meta_data
  if (leaf === undefined || metadata === undefined) throw new Error('there is one')
  const { start, end } = chunkRange(metadata)
  return { bytes: file.slice(start, end), leaf, metadata }
}

const open = ({ bytes, leaf, metadata }: Chunk, change: Partial<ChunkMetadata> = {}): ParquetPages =>
  new ParquetPages({ snappyUncompress }, bytes, leaf, { ...metadata, ...change })

describe('ParquetPages', () => {
  it('takes what a writer writes', () => {
    expect(() => open(chunkOf())).not.toThrow()
    expect(() => open(chunkOf({ codec: 'UNCOMPRESSED' }))).not.toThrow()
  })

  it('refuses pages that have more or fewer values than the footer says', () => {
    const chunk = chunkOf()
    expect(() => open(chunk, { num_values: 5_001n })).toThrow('a column has 5000 values, and the footer says 5001')
    expect(() => open(chunk, { num_values: 10n })).toThrow('a page says that it has')
  })

  it('refuses a page that is larger than its column', () => {
    expect(() => open(chunkOf(), { total_uncompressed_size: 100n })).toThrow('is larger than its column')
  })

  it('refuses pages that are cut off', () => {
    const chunk = chunkOf()
    expect(() => open({ ...chunk, bytes: chunk.bytes.subarray(0, -10) })).toThrow('a page is longer than its column')
    expect(() => open({ ...chunk, bytes: chunk.bytes.subarray(0, 3) })).toThrow('it ends too early')
  })

  it('refuses levels without end before anything is decompressed', () => {
    const chunk = chunkOf()
    chunk.bytes.set([0xfe, 0xff, 0x7f], readThrift(chunk.bytes, 0, 64).end)
    expect(() => open(chunk)).toThrow('a run has 1048575 of')
  })

  it('refuses pages out of their order, and a page that is not as long as its header says', () => {
    const pages = open(chunkOf({ codec: 'GZIP', compressors: { GZIP: bytes => gzipSync(bytes) } }))
    expect(() => pages.decompress(new Uint8Array(1), 1)).toThrow('pages are not in their order')
  })

  it('stops a page that would be decompressed into more than its header says', () => {
    const bomb = gzipSync(new Uint8Array(50_000_000))
    const chunk = chunkOf({ codec: 'GZIP', compressors: { GZIP: () => bomb } })
    expect(() => open(chunk).decompress(bomb, firstPageBytes(chunk))).toThrow(/Cannot create a Buffer larger/)
  })

  it('refuses a page that is shorter than its header says', () => {
    const short = gzipSync(new Uint8Array(5))
    const chunk = chunkOf({ codec: 'GZIP', compressors: { GZIP: () => short } })
    expect(() => open(chunk).decompress(short, firstPageBytes(chunk))).toThrow('a page has 5 bytes, and its header says')
  })

  it('refuses what it cannot decompress', () => {
    const chunk = chunkOf({ codec: 'LZ4', compressors: { LZ4: bytes => bytes } })
    expect(() => open(chunk).decompress(new Uint8Array(1), firstPageBytes(chunk))).toThrow('it is compressed by LZ4, which is not read')
  })
})

/** Bytes of the first page of a chunk before it was compressed, without its levels. */
function firstPageBytes ({ bytes }: Chunk): number {
  const { struct } = readThrift(bytes, 0, 64)
  const levels = struct.get(8)
  return Number(struct.get(2)) - (levels instanceof Map ? Number(levels.get(5)) + Number(levels.get(6)) : 0)
}
