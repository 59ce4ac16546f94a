import { expect, test } from 'vitest'
import { verifyStored } from '../../src/bundle/verify-stored.ts'
import { NotStoredError, UnavailableError } from '../../src/errors.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { commit, openMemory, smallDag } from '../store/fixtures.ts'
import { hurt, UnreadableFileSystem } from '../store/hurt.ts'
import type { Store } from '../../src/interface/store.ts'
import type { Transfer } from '../../src/interface/transfer.ts'
import type { Dag } from '../store/dags.ts'

const dags = [smallDag('one'), smallDag('two')] as const
const [one, two] = dags

/** Has everything of some bundles and nothing of the others. */
function transferOf (dags: readonly Dag[]): Pick<Transfer, 'fetchDag'> {
  return {
    fetchDag: async (root, into) => {
      const dag = dags.find(dag => dag.root.equals(root))
      if (dag === undefined) throw new UnavailableError('nobody has it')
      for (const { cid, bytes } of dag.blocks) await into.put(cid, bytes)
      return { access: 'anyone', statements: [], bytes: 0, provider: '', attempts: [] }
    }
  }
}

async function damagedStore (): Promise<Store> {
  const fileSystem = new UnreadableFileSystem(new MemoryFileSystem())
  const store = await openMemory({ fileSystem })
  for (const dag of dags) {
    await commit(store, dag)
    await hurt(fileSystem, '/', dag, 2, 'flipped')
  }
  return store
}

test('brings what is damaged from others, and says what nobody has', async () => {
  const lines: string[] = []
  const store = await damagedStore()
  const report = await verifyStored({ store, transfer: transferOf([one]), log: line => lines.push(line) }, undefined)
  expect(report).toMatchObject({ bundles: 2, blocks: 8 })
  expect(report.damaged.map(({ bundles, healed }) => [bundles[0], healed]).sort()).toEqual(
    [[one.root.toString(), true], [two.root.toString(), false]].sort())
  expect(lines.filter(line => line.includes('stays damaged'))).toHaveLength(1)
  expect((await store.verify(undefined)).damaged.map(({ bundles }) => bundles)).toEqual([[two.root.toString()]])
})

test('checks the one bundle that is named', async () => {
  const store = await damagedStore()
  const report = await verifyStored({ store, transfer: transferOf(dags) }, two.root)
  expect(report.damaged.map(({ bundles, healed }) => [bundles, healed])).toEqual([[[two.root.toString()], true]])
  expect((await store.verify(undefined)).damaged).toHaveLength(1)
  await expect(verifyStored({ store, transfer: transferOf(dags) }, smallDag('other').root)).rejects.toThrow(NotStoredError)
})

test('says of what is whole that it is', async () => {
  const store = await openMemory()
  await commit(store, one)
  const report = await verifyStored({ store, transfer: transferOf([]) }, undefined)
  expect(report).toMatchObject({ bundles: 1, blocks: 4, damaged: [] })
})

test('rejects with the reason of the signal', async () => {
  const store = await damagedStore()
  const abort = new AbortController()
  const reason = new Error('enough')
  const transfer: Pick<Transfer, 'fetchDag'> = {
    fetchDag: async () => {
      abort.abort(reason)
      throw new UnavailableError('nobody has it')
    }
  }
  await expect(verifyStored({ store, transfer }, undefined, { signal: abort.signal })).rejects.toBe(reason)
})
