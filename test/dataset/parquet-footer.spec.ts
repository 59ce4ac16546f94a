import { parquetMetadata } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { decoding, readParquetFooter } from '../../src/dataset/parquet-footer.ts'
import { CountedSource, numberedParquet, parquetBytes } from './parquet-files.ts'
import { LimitExceededError } from '../../src/errors.ts'

const read = async (bytes: Uint8Array): Promise<unknown> => await readParquetFooter({ parquetMetadata }, new CountedSource('a.parquet', bytes))

/** A file with this footer, and as many bytes in front of it as are asked for. */
function withFooter (footer: Uint8Array, length = footer.byteLength, contentBytes = 4): Uint8Array {
  const file = new Uint8Array(contentBytes + footer.byteLength + 8)
  file.set(footer, contentBytes)
  const end = contentBytes + footer.byteLength
  new DataView(file.buffer).setUint32(end, length, true)
  file.set(new TextEncoder().encode('PAR1'), end + 4)
  return file
}

describe('readParquetFooter', () => {
  it('reads a footer in one request', async () => {
    const source = new CountedSource('a.parquet', numberedParquet())
    const { metadata, columns, leaves } = await readParquetFooter({ parquetMetadata }, source)
    expect([metadata.num_rows, metadata.row_groups.length, columns.length, leaves.length]).toEqual([10_000n, 10, 3, 3])
    expect(source.asked).toEqual([{ start: source.size - 65_536, end: source.size }])
  })

  it('reads a long footer in two', async () => {
    const columns = Array.from({ length: 900 }, (_, n) => ({ name: `column ${n} ${'x'.repeat(50)}`, data: [n] }))
    const source = new CountedSource('a.parquet', parquetBytes(columns))
    expect((await readParquetFooter({ parquetMetadata }, source)).columns).toHaveLength(900)
    expect(source.asked).toHaveLength(2)
  })

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'a.parquet does not end as a Parquet file does'],
    ['text', new TextEncoder().encode('hello, world'), 'a.parquet does not end as a Parquet file does'],
    ['a footer longer than its file', withFooter(new Uint8Array(1), 1_000_000), 'a.parquet has 13 bytes, and says that its footer has 1000008'],
    ['a footer that is cut', withFooter(Uint8Array.of(0x15)), 'A structure of Parquet cannot be read: it ends too early'],
    ['an empty footer', withFooter(Uint8Array.of(0)), 'a.parquet cannot be read as Parquet'],
    ['a list of a billion row groups', withFooter(Uint8Array.of(0x19, 0xfc, 0x80, 0x94, 0xeb, 0xdc, 0x03)), 'it ends too early']
  ])('refuses %s', async (_, bytes, problem) => {
    await expect(read(bytes)).rejects.toMatchObject({ name: 'InvalidTableError', message: expect.stringContaining(problem) as unknown })
  })

  it('refuses a footer that is larger than is read, before it reads it', async () => {
    const source = new CountedSource('a.parquet', withFooter(new Uint8Array(8), 16 * 1024 * 1024, 17 * 1024 * 1024))
    await expect(readParquetFooter({ parquetMetadata }, source)).rejects.toMatchObject({ name: 'LimitExceededError', details: { limit: 'parquetFooterBytesMax' } })
    expect(source.asked).toHaveLength(1)
  })
})

describe('decoding', () => {
  it('makes an error of its own of whatever is thrown, and leaves those that are', async () => {
    const own = new LimitExceededError('too much')
    await expect(decoding('x', async () => { throw own })).rejects.toBe(own)
    await expect(decoding('x', async () => { throw new RangeError('Offset is outside') })).rejects.toMatchObject({ name: 'InvalidTableError', details: { path: 'x' }, cause: expect.any(RangeError) as unknown })
  })
})
