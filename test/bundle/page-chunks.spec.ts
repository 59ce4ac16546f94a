import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentChunksOf } from '../../src/bundle/content-chunks.ts'
import { pageChunksOf } from '../../src/bundle/page-chunks.ts'
import { writeFile } from '../../src/bundle/unixfs-writer.ts'
import { chunkRange } from '../../src/dataset/parquet-layout.ts'
import { readParquetFooter } from '../../src/dataset/parquet-footer.ts'
import { loadHyparquet } from '../../src/dataset/parquet-package.ts'
import { memorySource } from '../../src/dataset/table-source.ts'
import { parquetBytes } from '../dataset/parquet-files.ts'
import { changingPieces } from './changing-pieces.ts'
import vectors from '../vectors/page-chunks.json' with { type: 'json' }

const kib = 1024

async function chunks (bytes: Uint8Array, cut: typeof pageChunksOf = pageChunksOf, pieceBytes = 100_000): Promise<Uint8Array[]> {
  return await Array.fromAsync(cut(changingPieces(bytes, pieceBytes)))
}
const lengths = (all: readonly Uint8Array[]): number[] => all.map(({ length }) => length)

/** A page whose header has twelve bytes, and which has so many in all. */
function page (bytes: number, type = 0): Uint8Array {
  const size = bytes - 12
  const detail = { 0: 0x2c, 2: 0x4c, 3: 0x5c }[type] ?? 0x2c
  const varint = [size * 2 & 127 | 128, size * 2 >> 7 & 127 | 128, size * 2 >> 14 & 127 | 128, size * 2 >> 21]
  const header = [0x15, type * 2, 0x15, 2, 0x15, ...varint, detail, 0, 0]
  return Uint8Array.from({ length: bytes }, (_, at) => header[at] ?? at % 251)
}
const parquet = (...parts: (Uint8Array | string)[]): Uint8Array => Buffer.concat([Buffer.from('PAR1'), ...parts.map(part => Buffer.from(part as never))])

describe('pageChunksOf', () => {
  it('cuts between pages: small ones that follow one another make one chunk, and a large one has chunks of its own', async () => {
    const pages = [page(30_000), page(30_000), page(30_000), page(1_500_000), page(60_000), page(5_000), page(10_000)]
    expect(lengths(await chunks(parquet(...pages, 'no page')))).toEqual([60_004, 30_000, 1_048_576, 451_424, 65_000, 10_000, 7])
  })

  it('begins a chunk with a dictionary, unless that leaves little before it', async () => {
    const pages = [page(20_000), page(5_000, 2), page(9_000), page(2_000), page(300_000), page(10_000), page(6_000, 2), page(1_000, 3)]
    expect(lengths(await chunks(parquet(...pages)))).toEqual([20_004, 16_000, 300_000, 17_000])
  })

  it('leaves one chunk of what has at most 256 KiB, as the import profile does', async () => {
    const pages = [page(100_000), page(100_000), page(62_140)]
    expect(lengths(await chunks(parquet(...pages)))).toEqual([262_144])
    expect(lengths(await chunks(parquet(...pages, 'x')))).toEqual([100_004, 100_000, 62_140, 1])
  })

  it('cuts by their bytes what is not Parquet, and what follows the last page', async () => {
    const noise = Uint8Array.from({ length: 1_500_000 }, (_, at) => Math.imul(at ^ at >>> 7, 2_654_435_761) >>> 11)
    expect(lengths(await chunks(noise))).toEqual(lengths(await chunks(noise, contentChunksOf)))
    const [first, ...rest] = lengths(await chunks(parquet(page(300_000), noise)))
    expect([first, rest]).toEqual([300_004, lengths(await chunks(noise, contentChunksOf))])
  })

  it('takes a page that says that it is longer than the file as far as there is one', async () => {
    const cut = page(700_000).subarray(0, 400_000)
    expect(lengths(await chunks(parquet(cut)))).toEqual([400_004])
    expect(lengths(await chunks(parquet(page(300_000), cut.subarray(0, 9))))).toEqual([300_004, 9])
  })

  it('cuts the same whatever the pieces are, loses nothing, and gives each chunk memory of its own', async () => {
    const content = fc.array(fc.record({ bytes: fc.integer({ min: 13, max: 200_000 }), type: fc.constantFrom(0, 2, 3) }), { maxLength: 12 })
    await fc.assert(fc.asyncProperty(content, fc.integer({ min: 500, max: 900_000 }), fc.nat(300_000), async (pages, pieceBytes, tail) => {
      const bytes = parquet(...pages.map(({ bytes, type }) => page(bytes, type)), new Uint8Array(tail).fill(0xff))
      const cut = await chunks(bytes, pageChunksOf, pieceBytes)
      expect(Buffer.concat(cut).equals(bytes)).toBe(true)
      expect(lengths(cut)).toEqual(lengths(await chunks(bytes, pageChunksOf, 65_536)))
      expect(cut.every(({ length }) => length > 0 && length <= kib * kib)).toBe(true)
    }), { numRuns: 20 })
  })

  it('gives columns of Parquet blocks of their own', async () => {
    const rows = 30_000
    const noisy = (seed: number): Float64Array => Float64Array.from({ length: rows }, (_, at) => Math.imul(at + seed, 2_654_435_761) / 7)
    const bytes = parquetBytes([0, 1, 2].map(seed => ({ name: `c${seed}`, data: noisy(seed), nullable: false })), { rowGroupSize: 10_000, codec: 'UNCOMPRESSED' })
    const ends = new Set<number>()
    for (const length of lengths(await chunks(bytes))) ends.add(Math.max(0, ...ends) + length)
    const { metadata } = await readParquetFooter(await loadHyparquet(), memorySource('a.parquet', bytes))
    for (const { columns } of metadata.row_groups) {
      for (const { meta_data: chunk } of columns) expect(ends).toContain(chunk === undefined ? 0 : chunkRange(chunk).end)
    }
  })
})

describe('vectors of gear-2', () => {
  it.each(vectors)('$name', async ({ pages, tail, chunkBytes, root }) => {
    const bytes = parquet(...pages.map(({ bytes, type }) => page(bytes, type)), new Uint8Array(tail))
    expect(lengths(await chunks(bytes))).toEqual(chunkBytes)
    const whole = (async function * () { yield await Promise.resolve(bytes) })()
    const { cid } = await writeFile({ put: async () => { await Promise.resolve() } }, whole, { chunks: pageChunksOf })
    expect(cid.toString()).toBe(root)
  })
})
