import { describe, expect, it } from 'vitest'
import { lineagePath } from '../../src/dataset/appended-parts.ts'
import { cidOfContent } from '../../src/dataset/content-cid.ts'
import { rebuildRows } from '../../src/dataset/reproduce-rows.ts'
import { partFiles, versionOf } from './appended.ts'
import { resultOf } from './fixtures.ts'
import type { Came } from './appended.ts'
import type { OpenResult, ReproduceOptions } from '../../src/interface/dataset-lineage.ts'
import type { TableRow } from '../../src/interface/table.ts'

const path = 'data/part-00001.parquet'
const groups: Came[][] = [[[1, ['a', 'b']], [2, ['c']]], [[3, ['d']]]]
const files = await partFiles(path, groups)
const published = await cidOfContent(files.get(path), {})
const texts = new Map(groups.flat().map(([n, texts]) => [resultOf(n).root, texts.map((text): TableRow => ({ text, n: BigInt(n) }))]))
let open = 0

const rebuild = async (rows: ReproduceOptions['rows'], of = files): ReturnType<typeof rebuildRows> => await rebuildRows({
  bundle: versionOf(of), rows, chunking: undefined,
  openResult: async ({ root }) => {
    open++
    return await Promise.resolve({ urn: root, close: async () => { await Promise.resolve(open--) } } as unknown as OpenResult)
  }
}, path, published, {})
const made: NonNullable<ReproduceOptions['rows']> = async ({ result }) => await Promise.resolve(texts.get(result.urn))

describe('rebuildRows', () => {
  it('makes the table of the rows that come out of the results', async () => {
    expect(await rebuild(made)).toEqual({ cid: published, reason: 'differs' })
    expect(open).toBe(0)
  })

  it.each<[string, number, TableRow[], number]>([
    ['other', 2, [{ text: 'x', n: 2 }], 2], ['fewer', 1, [{ text: 'a', n: 1 }], 1], ['more', 3, [{ text: 'd', n: 3 }, { text: 'e' }], 4], ['no', 3, [], 3]
  ])('says which row differs first where a result gives %s rows', async (_, n, rows, row) => {
    const { root } = resultOf(n)
    const rebuilt = await rebuild(async given => given.result.urn === root ? rows : await made(given))
    expect(rebuilt).toMatchObject({ reason: 'differs', row, result: root, cid: expect.not.stringContaining(published) as string })
    expect(open).toBe(0)
  })

  it('rebuilds nothing where nobody makes rows', async () => {
    expect(await rebuild(undefined)).toEqual({ reason: 'appended' })
    expect(await rebuild(async given => given.lineage.rowGroup === 1 ? undefined : await made(given))).toEqual({ reason: 'appended', result: resultOf(3).root })
    expect(open).toBe(0)
  })

  it('rebuilds nothing of what was only named', async () => {
    const lines = new TextDecoder().decode(files.get(lineagePath(path))).split('\n')
    const named = JSON.stringify({ ...JSON.parse(lines[1] ?? '') as object, answers: undefined })
    const other = new Map(files).set(lineagePath(path), Buffer.from([lines[0], named, lines[2]].join('\n')))
    expect(await rebuild(made, other)).toEqual({ reason: 'appended', result: resultOf(2).root })
  })

  it('refuses rows that the table cannot have', async () => {
    await expect(rebuild(async () => await Promise.resolve([{ text: 5 }]))).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    expect(open).toBe(0)
  })
})
