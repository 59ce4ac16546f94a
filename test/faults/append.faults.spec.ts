import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { startProgram } from '../store/children.ts'
import { fastDirectory } from './directories.ts'
import { latestVersions } from './latest-versions.ts'
import { Random, rounds, seed } from './random.ts'

const program = join(import.meta.dirname, 'programs', 'append-child.ts')
const roundsPerHome = 5

test('has every row that was acknowledged once, in versions and in what waits, when the process is killed', async () => {
  const random = new Random('append')
  const cache = await fastDirectory()
  let acknowledged = 0
  for (let home = 0; home * roundsPerHome < rounds; home++) {
    const directory = await fastDirectory()
    const kept: number[] = []
    for (let round = 0; round < roundsPerHome && home * roundsPerHome + round < rounds; round++) {
      // A row that was written and not acknowledged may be there: the next process begins well after it.
      const first = round * 1_000
      const child = await startProgram([program, directory, String(first)], { env: { NODE_COMPILE_CACHE: cache } })
      await child.printed(2 + random.below(70))
      await setTimeout(random.next() ** 2 * 40)
      await child.kill()
      kept.push(...child.lines.flatMap(line => line.startsWith('kept ') ? [Number(line.slice('kept '.length))] : []))
      const rows = await storedRows(directory)
      const label = `seed ${seed}, home ${home}, round ${round}`
      expect(new Set(rows).size, label).toBe(rows.length)
      expect(kept.filter(n => !rows.includes(n)), label).toEqual([])
    }
    acknowledged += kept.length
    await rm(directory, { recursive: true })
  }
  expect(acknowledged).toBeGreaterThan(0)
})

/** Every row of the last version, and of what waits for the next one, which is committed for it. */
async function storedRows (home: string): Promise<number[]> {
  await using node = await createDataNode({ home, privateKey: '11'.repeat(32) })
  await using appender = await node.datasets.append({ name: 'rows', columns: [{ name: 'n', type: 'sc:Integer' }], rowGroupRows: 7 })
  for (const wasCutOff of appender.unfinished === undefined ? [false] : [true, false]) {
    if (!wasCutOff && appender.rows === 0) break
    const version = appender.unfinished ?? `1.${(await latestVersions(node)).length}.0`
    await (await appender.commit({ version }, { retentionMs: Infinity })).close()
  }
  const last = (await latestVersions(node)).at(-1)
  if (last === undefined) return []
  await using dataset = await node.datasets.fetch(last.cid)
  const history = await Array.fromAsync(node.datasets.versions(last.cid), ({ cid }) => cid)
  expect(history.reverse()).toEqual((await latestVersions(node)).map(({ cid }) => cid))
  const rows: number[] = []
  for await (const { path } of dataset.files('data')) {
    if (!path.endsWith('.parquet')) continue
    for await (const { n } of (await dataset.table(path)).rows()) rows.push(Number(n))
  }
  return rows
}
