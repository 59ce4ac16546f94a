import { describe, expect, it } from 'vitest'
import { appendedParts, lineagePath, partNames, partNumber, readRowLineage } from '../../src/dataset/appended-parts.ts'
import { cidOfContent } from '../../src/dataset/content-cid.ts'
import { encodeRowLineage } from '../../src/format/row-lineage.ts'
import { appendResultsMax } from '../../src/limits.ts'
import { lineOf, partFiles, versionOf } from './appended.ts'
import type { RowLineage } from '../../src/interface/append.ts'

const path = 'data/part-00001.parquet'

describe('names of parts', () => {
  it('are in the order of their numbers', () => {
    expect(partNames(7)).toEqual({ table: 'part-00007.parquet', lineage: 'part-00007.lineage.jsonl' })
    expect(partNames(123_456).table).toBe('part-123456.parquet')
    expect(['data/part-00007.parquet', 'data/part-123456.parquet', 'data/x/part-00007.parquet', 'data/part-7.parquet', 'data/part-00007.csv'].map(partNumber)).toEqual([7, 123_456, 0, 0, 0])
    expect(lineagePath('data/part-00007.parquet')).toBe('data/part-00007.lineage.jsonl')
  })
})

describe('appendedParts', () => {
  it('finds tables that say beside them where their rows came from', async () => {
    const files = new Map([...await partFiles('data/part-00002.parquet', [[[1, ['a']]]]), ...await partFiles(path, [[[1, ['a']]]])])
    for (const other of ['data/part-00003.parquet', 'data/part-00004.lineage.jsonl', 'data/t.parquet', 'data/t.lineage.jsonl']) files.set(other, new Uint8Array())
    const found = await appendedParts(versionOf(files))
    expect([...found.keys()]).toEqual([path, 'data/part-00002.parquet'])
    expect(found.get(path)?.toString()).toBe(await cidOfContent(files.get(lineagePath(path)), {}))
  })
})

describe('readRowLineage', () => {
  const place = { path, rowGroup: 0, from: 0, to: 2 }
  const read = async (...lines: RowLineage[]): Promise<RowLineage[]> =>
    await Array.fromAsync(readRowLineage(versionOf(new Map([[lineagePath(path), Buffer.from(lines.map(encodeRowLineage).join(''))]])), path))

  it('reads where rows came from, in their order', async () => {
    const lines = [lineOf(1, place), lineOf(2, { ...place, from: 2, to: 3 }), lineOf(1, { ...place, rowGroup: 1 })]
    expect(await read(...lines)).toEqual(lines)
    expect(await read()).toEqual([])
  })

  it.each<[string, Partial<RowLineage>]>([
    ['another table', { path: 'data/part-00002.parquet' }], ['rows after some that are left out', { from: 3, to: 4 }], ['rows that are there already', { from: 1, to: 4 }],
    ['a row group after one that is left out', { rowGroup: 2, from: 0 }], ['a row group that does not begin', { rowGroup: 1, from: 1 }]
  ])('refuses %s, and names the line', async (_, change) => {
    await expect(read(lineOf(1, place), { ...lineOf(2, { ...place, from: 2, to: 3 }), ...change }))
      .rejects.toMatchObject({ name: 'InvalidProvenanceError', details: { path: lineagePath(path), line: 2 } })
  })

  it('refuses a line that is none, and names it', async () => {
    const bundle = versionOf(new Map([[lineagePath(path), Buffer.from(`${encodeRowLineage(lineOf(1, place))}{}\n`)]]))
    await expect(Array.fromAsync(readRowLineage(bundle, path))).rejects.toMatchObject({ name: 'InvalidProvenanceError', details: { line: 2 } })
  })

  it('refuses more lines than results may wait', async () => {
    const line = Buffer.from(encodeRowLineage({ path, rowGroup: 0, from: 0, to: 1, result: lineOf(1, place).result, miner: lineOf(1, place).miner }))
    const text = Array.from({ length: appendResultsMax + 1 }, (_, n) => line.toString().replace('"from":0,"to":1', `"from":${n},"to":${n + 1}`)).join('')
    const bundle = versionOf(new Map([[lineagePath(path), Buffer.from(text)]]))
    await expect(Array.fromAsync(readRowLineage(bundle, path))).rejects.toMatchObject({ name: 'LimitExceededError', details: { limit: 'appendResultsMax' } })
  })
})
