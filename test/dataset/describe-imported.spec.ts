import { describe, expect, it } from 'vitest'
import { describeImported } from '../../src/dataset/describe-imported.ts'
import { PackageMissingError } from '../../src/errors.ts'
import { describedColumnsMax } from '../../src/limits.ts'
import { root } from '../audit/fixtures.ts'
import { numberedParquet } from './parquet-files.ts'
import type { Hyparquet } from '../../src/dataset/parquet-package.ts'
import type { DescribedTable } from '../../src/dataset/described-table.ts'

const missing = async (): Promise<never> => await Promise.reject(new PackageMissingError('not installed', { package: 'hyparquet' }))

async function describing (
  path: string, bytes: Uint8Array | string, options: { load?: () => Promise<Hyparquet> } = {}
): Promise<DescribedTable | undefined> {
  const all = Buffer.from(bytes)
  const file = { path, cid: root(path), bytes: BigInt(all.byteLength), sha256: `0x${'00'.repeat(32)}` as const }
  const read = async function * (_: unknown, { offset = 0, length = all.byteLength }: { offset?: number, length?: number } = {}) {
    yield await Promise.resolve(all.subarray(offset, offset + length))
  }
  return await describeImported(file, { read }, options)
}

describe('describeImported', () => {
  it.each([['data/a.csv', 'a,b\n1,x\n2,y\n'], ['data/a.jsonl', '{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n']])('names the columns and rows of %s', async (path, text) => {
    expect(await describing(path, text)).toMatchObject({ rows: 2, fields: [{ name: 'a', type: 'sc:Integer' }, { name: 'b', type: 'sc:Text' }] })
  })

  it('names those of Parquet, and none where what reads it is not installed', async () => {
    expect((await describing('data/a.parquet', numberedParquet()))?.rows).toBe(10_000)
    expect(await describing('data/a.parquet', numberedParquet(), { load: missing })).toBeUndefined()
  })

  it('finds no table in what is called otherwise, or has no columns, or more than are described', async () => {
    expect(await describing('data/a.txt', 'a,b\n')).toBeUndefined()
    expect(await describing('data/a.jsonl', '')).toBeUndefined()
    const header = Array.from({ length: describedColumnsMax + 1 }, (_, column) => `c${column}`).join()
    expect(await describing('data/a.csv', `${header}\n`)).toBeUndefined()
  })

  it('names the line of a table that is not what its name says', async () => {
    await expect(describing('data/a.jsonl', '{"a":1}\n{"a":\n')).rejects.toMatchObject({ name: 'InvalidTableError', details: { line: 2 } })
  })
})
