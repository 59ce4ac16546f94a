import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { startProgram } from '../store/children.ts'
import { address } from '../store/dags.ts'
import { Acknowledged } from './acknowledged.ts'
import { checkRepo } from './check-repo.ts'
import { fastDirectory } from './directories.ts'
import { Random, rounds, seed } from './random.ts'
import { dagOf } from './verbs.ts'

const program = join(import.meta.dirname, 'programs', 'partial-child.ts')
const roundsPerHome = 10

for (const durability of ['power-cut', 'process-crash'] as const) {
  test(`keeps what is left of interrupted fetches when the process is killed, with durability ${durability}`, async () => {
    const random = new Random(`resume/${durability}`)
    const cache = await fastDirectory()
    let found = 0
    for (let home = 0; home * roundsPerHome < rounds; home++) {
      const path = await fastDirectory()
      const acknowledged = new Acknowledged()
      const text = `${seed}/${durability}/${home}`
      for (let round = 0; round < roundsPerHome && home * roundsPerHome + round < rounds; round++) {
        const label = `seed ${seed}, ${durability}, home ${home}, round ${round}`
        const child = await startProgram([program, path, text, durability], { env: { NODE_COMPILE_CACHE: cache } })
        await child.printed(1 + random.below(12))
        await setTimeout(random.next() ** 2 * 40)
        await child.kill()
        acknowledged.take(child.lines)
        found += await checkLeft(path, { durability, text, left: leftOf(child.lines), label })
        await checkRepo(path, { label, acknowledged: acknowledged.roots, init: { storage: { durability } } })
      }
      await rm(path, { recursive: true })
    }
    expect(found).toBeGreaterThan(0)
  })
}

interface Left {
  durability: 'power-cut' | 'process-crash'
  /** That the bundles were made from. */
  text: string
  /** How many blocks have to be there, by root. */
  left: ReadonlyMap<string, number>
  label: string
}

/** Takes up every fetch, and gives how many blocks were left of those that had to leave some. */
async function checkLeft (path: string, { durability, text, left, label }: Left): Promise<number> {
  const store = await openStore({ path, address, storage: { durability } })
  let total = 0
  for (const { root, blocks } of [2, 5, 8].map(n => dagOf(text, n))) {
    const partial = store.partial(root)
    const found = await partial.found()
    const least = left.get(root.toString())
    if (least !== undefined) {
      expect(found.blocks, label).toBeGreaterThanOrEqual(least)
      total += found.blocks
    }
    for (const { cid, bytes } of blocks) {
      if (await partial.has(cid)) expect(Buffer.from(await partial.get(cid)).equals(bytes), label).toBe(true)
    }
    await partial.suspend()
  }
  await store.close()
  return total
}

function leftOf (lines: readonly string[]): Map<string, number> {
  const left = new Map<string, number>()
  for (const line of lines) {
    const [what, root = '', count] = line.split(' ')
    if (what === 'left') left.set(root, Number(count))
    if (what === 'any') left.delete(root)
  }
  return left
}
