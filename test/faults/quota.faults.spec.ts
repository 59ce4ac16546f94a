import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { address, largeDag, recordOf, smallDag } from '../store/dags.ts'
import { checkRepo } from './check-repo.ts'
import { fastDirectory } from './directories.ts'
import type { Store } from '../../src/interface/store.ts'
import type { Dag } from '../store/dags.ts'

const quotaBytes = 24 * 2 ** 20

test('takes no more than its quota at any sampled moment, LevelDB and what is being written included', async () => {
  const path = join(await fastDirectory(), 'repository')
  const store = await openStore({ path, address, storage: { quota: quotaBytes, keepFree: 0 } })
  const samples: number[] = []
  const sampling = { isOver: false }
  const sampler = (async () => {
    while (!sampling.isOver) {
      samples.push(await sizeOf(path))
      await setImmediate()
    }
  })()
  // Thousands of tiny blocks for LevelDB, and files that fill the rest.
  for (let n = 0; n < 120; n++) {
    await Promise.all([
      commit(store, smallDag(`tiny ${n}`, 200, 20)),
      commit(store, smallDag(`small ${n}`, 20, 4000)),
      commit(store, largeDag(`large ${n}`, 6, 300_000))
    ])
  }
  sampling.isOver = true
  await sampler
  expect(samples.length).toBeGreaterThan(20)
  expect(Math.max(...samples)).toBeLessThanOrEqual(quotaBytes)
  // It was full more than once.
  expect(Math.max(...samples)).toBeGreaterThan(quotaBytes / 2)
  expect(store.usage().used.bytes).toBeLessThanOrEqual(quotaBytes)
  await store.close()
  await checkRepo(path, { label: 'after all', acknowledged: [] })
})

async function commit (store: Store, dag: Dag): Promise<void> {
  await using staging = store.stage()
  for (const { cid, bytes } of dag.blocks) await staging.put(cid, bytes)
  await staging.commit(recordOf(dag.root, { holds: [], storedAt: Date.now() }))
}

/** Bytes of all files below; one that goes while it is looked at counts as gone. */
async function sizeOf (directory: string): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0
  }
  return bytes
}
