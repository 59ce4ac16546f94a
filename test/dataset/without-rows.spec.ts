import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readRowLineage } from '../../src/dataset/appended-parts.ts'
import { findAffected } from '../../src/dataset/affected.ts'
import { withoutRows } from '../../src/dataset/without-rows.ts'
import { miner } from '../audit/fixtures.ts'
import { contentOf, numberOf, partFiles, textsOf, versionOf } from './appended.ts'
import type { Came } from './appended.ts'

const path = 'data/part-00001.parquet'
const selector = { miner: miner(2) }

/** Which miner each row came from, by what is said beside the table. */
async function minersOf (files: ReadonlyMap<string, Uint8Array>): Promise<number[]> {
  const lines = await Array.fromAsync(readRowLineage(versionOf(files), path))
  return lines.flatMap(({ from, to, miner }) => Array.from({ length: to - from }, () => numberOf(miner)))
}

describe('withoutRows', () => {
  it('leaves out the rows that are meant, and says of the others where they came from', async () => {
    const files = await partFiles(path, [[[1, ['a']], [2, ['b', 'c']], [3, ['d']]], [[2, ['e']]], [[3, ['f']]]])
    const rest = await contentOf(await withoutRows(versionOf(files), path, selector))
    expect([...rest.keys()]).toEqual([path, 'data/part-00001.lineage.jsonl'])
    const table = await versionOf(rest).table(path)
    expect(table.rowGroups.map(({ rows }) => rows)).toEqual([2, 1])
    expect([await textsOf(versionOf(rest), path), await minersOf(rest)]).toEqual([['a', 'd', 'f'], [1, 3, 3]])
  })

  it('leaves nothing where no row stays', async () => {
    expect(await withoutRows(versionOf(await partFiles(path, [[[2, ['a']]]])), path, selector)).toEqual([])
  })

  it('leaves exactly the rows that did not come from it', async () => {
    const came = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.array(fc.string({ maxLength: 3 }), { minLength: 1, maxLength: 3 }))
    const groups = fc.array(fc.array(came, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 })
    await fc.assert(fc.asyncProperty(groups, async groups => {
      const all: [number, string][] = groups.flat().flatMap(([n, texts]: Came) => texts.map((text): [number, string] => [n, text]))
      const others = all.filter(([n]) => n !== 2)
      const files = await partFiles(path, groups)
      const [affected] = await findAffected(versionOf(files), selector)
      expect(affected?.rows ?? 0).toBe(all.length - others.length)
      expect(affected?.rowGroups ?? []).toEqual(groups.flatMap((group, at) => group.some(([n]) => n === 2) ? [at] : []))
      const rest = await contentOf(await withoutRows(versionOf(files), path, selector))
      expect(rest.size).toBe(others.length === 0 ? 0 : 2)
      if (others.length === 0) return
      expect([await minersOf(rest), await textsOf(versionOf(rest), path)]).toEqual([others.map(([n]) => n), others.map(([, text]) => text)])
      expect(await findAffected(versionOf(rest), selector)).toEqual([])
      // What is left is what a dataset to which the others alone were appended would have.
      if (others.length === all.length) expect(rest).toEqual(new Map([...files].map(([path, bytes]) => [path, new Uint8Array(bytes)])))
    }), { numRuns: 40 })
  })
})
