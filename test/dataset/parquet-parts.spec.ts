import { describe, expect, it } from 'vitest'
import { readParquetFooter } from '../../src/dataset/parquet-footer.ts'
import { loadHyparquet } from '../../src/dataset/parquet-package.ts'
import { loadParts, planPart } from '../../src/dataset/parquet-parts.ts'
import { memorySource } from '../../src/dataset/table-source.ts'
import { parquetAheadBytesMax } from '../../src/limits.ts'
import { parquetBytes } from './parquet-files.ts'
import type { ParquetPart } from '../../src/dataset/parquet-parts.ts'
import type { ByteRange, TableSource } from '../../src/dataset/table-source.ts'

const signal = new AbortController().signal
const names = ['a', 'b', 'c']

/** Columns of 80 KB in each row group. */
const wide = parquetBytes(names.map(name => ({ name, data: new Float64Array(60_000).map((_, at) => at / 7), nullable: false })),
  { rowGroupSize: 10_000, codec: 'UNCOMPRESSED' })

async function partsOf (columns: string[]): Promise<ParquetPart[]> {
  const footer = await readParquetFooter(await loadHyparquet(), memorySource('a.parquet', wide))
  return footer.metadata.row_groups.map(group => planPart('a.parquet', footer, group, columns))
}

/** Bytes that come when they are told to. */
class HeldSource implements TableSource {
  readonly path = 'a.parquet'
  readonly size = Number.MAX_SAFE_INTEGER
  readonly asked: ByteRange[] = []
  readonly #come: (() => void)[] = []

  async bytes (range: ByteRange): Promise<Uint8Array> {
    this.asked.push(range)
    await new Promise<void>(resolve => { this.#come.push(resolve) })
    return new Uint8Array(range.end - range.start)
  }

  come (count = Infinity): void {
    for (const resolve of this.#come.splice(0, count)) resolve()
  }

  async * stream (): AsyncGenerator<Uint8Array> { await Promise.resolve() }
}

/** A part of one column with so many bytes. */
function part (start: number, bytes: number, template: ParquetPart): ParquetPart {
  return { ...template, chunks: template.chunks.slice(0, 1).map(chunk => ({ ...chunk, range: { start, end: start + bytes } })) }
}

describe('loadParts', () => {
  it('asks for all ranges of all row groups at once, before the first of them has come', async () => {
    const [source, parts] = [new HeldSource(), await partsOf(['a'])]
    const loading = loadParts(source, parts, signal)
    const first = loading.next()
    expect(source.asked).toEqual(parts.flatMap(({ chunks }) => chunks.map(({ range }) => range)))
    expect(source.asked).toHaveLength(6)
    source.come(1)
    expect((await first).value).toMatchObject({ part: parts[0], loaded: [{ start: 4 }] })
    source.come()
    expect(await Array.fromAsync(loading)).toHaveLength(5)
  })

  it('asks for columns that stand near one another once, and for none between two that do not', async () => {
    const source = new HeldSource()
    const next = loadParts(source, await partsOf(['a', 'b', 'c']), signal).next()
    expect(source.asked).toHaveLength(1)
    source.asked.length = 0
    const far = loadParts(source, (await partsOf(['a', 'c'])).slice(0, 1), signal).next()
    expect(source.asked).toHaveLength(2)
    source.come()
    await next
    const loaded = await far
    expect(loaded.done === true ? [] : loaded.value.loaded.map(({ bytes }) => Math.floor(bytes.byteLength / 1000))).toEqual([80, 80])
  })

  it('has no more in memory than it may, one row group in any case', async () => {
    const [template] = await partsOf(['a'])
    if (template === undefined) throw new Error('there are six')
    const half = parquetAheadBytesMax / 2
    const sizes = [half, half, 1, 1, 2 * parquetAheadBytesMax, 1]
    const parts = sizes.map((bytes, at) => part(1e9 * at, bytes, template))
    const source = new HeldSource()
    const loading = loadParts(source, parts, signal)
    const inMemory: number[] = []
    for (const { rows } of parts) {
      expect(rows).toBe(10_000)
      const next = loading.next()
      source.come()
      await next
      inMemory.push(source.asked.length)
    }
    // The two small ones come together, and the large one when nothing else is there.
    expect(inMemory).toEqual([2, 4, 4, 4, 5, 6])
  })
})

describe('planPart', () => {
  it('refuses what is larger than is read into memory', async () => {
    const footer = await readParquetFooter(await loadHyparquet(), memorySource('a.parquet', wide))
    const [group] = footer.metadata.row_groups
    const chunk = group?.columns[1]?.meta_data
    if (group === undefined || chunk === undefined) throw new Error('there is one')
    chunk.total_uncompressed_size = 2n ** 32n
    expect(() => planPart('a.parquet', footer, group, ['b'])).toThrow(expect.objectContaining({ name: 'LimitExceededError', details: expect.objectContaining({ limit: 'parquetGroupBytesMax' }) as unknown }))
    expect(planPart('a.parquet', footer, group, ['a']).rows).toBe(10_000)
  })
})
