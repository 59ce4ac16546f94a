import { describe, expect, test } from 'vitest'
import { healBundle, healingReader } from '../../src/bundle/heal.ts'
import { CorruptBlockError, NotStoredError, UnavailableError } from '../../src/errors.ts'
import { DagWalk } from '../../src/format/dag-walk.ts'
import { signStatement, verifyStatement } from '../../src/format/statement.ts'
import { digestOf } from '../../src/format/digest.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { commit, openMemory } from '../store/fixtures.ts'
import { deepDag, hurt, injuries, UnreadableFileSystem } from '../store/hurt.ts'
import { testIdentity } from './fixtures.ts'
import type { BundleRecord, Store } from '../../src/interface/store.ts'
import type { FetchDagOptions, FetchedDag, Transfer } from '../../src/interface/transfer.ts'
import type { Dag } from '../store/dags.ts'
import type { Injury } from '../store/hurt.ts'
import type { CID } from 'multiformats/cid'

const dags = { 'small bundle': deepDag('small', 100), 'large bundle': deepDag('large', 256 * 1024) }

describe.each(Object.entries(dags))('a %s', (_, dag) => {
  describe.each(injuries)('of which a file is %s', injury => {
    test.each(dag.blocks.map((_, position) => position))('reads as before after it was brought again, and little else was: %d', async position => {
      const { store, transfer, damaged } = await damagedStore(dag, position, injury)
      const reader = healingReader({ store, transfer }, dag.root)
      for (const { cid, bytes } of dag.blocks) expect(Buffer.from(bytes).equals(await reader.get({ cid, position: [] }))).toBe(true)
      const isFew = damaged.length <= 4
      const asked = isFew ? damaged : dag.blocks
      expect(transfer.sent.map(String).sort()).toEqual(asked.map(({ cid }) => cid.toString()).sort())
      expect(transfer.calls).toHaveLength(isFew ? damaged.length : 1)
      expect((await store.verify(undefined)).damaged).toEqual([])
      expect(store.isDamaged(dag.root)).toBe(false)
    })
  })
})

test('asks the providers that were named, and those who signed', async () => {
  const dag = dags['large bundle']
  const { store, transfer } = await damagedStore(dag, 4, 'flipped', { statements: [await signed(dag.root, 7)] })
  await store.get(dag.blocks[4]?.cid ?? expect.fail()).catch(() => {})
  await healBundle({ store, transfer }, dag.root, { providers: ['named'] })
  expect(transfer.calls.map(({ providers }) => providers)).toEqual([['named', testIdentity(7).address]])
})

test('is done once for all who ask at the same time, each with a signal of their own', async () => {
  const dag = dags['large bundle']
  const { store, transfer } = await damagedStore(dag, 4, 'flipped')
  const { cid } = dag.blocks[4] ?? expect.fail()
  const reader = healingReader({ store, transfer }, dag.root)
  const abort = new AbortController()
  const gate = Promise.withResolvers<undefined>()
  transfer.gate = gate.promise
  const reads = [abort.signal, undefined, undefined].map(async signal => reader.get({ cid, position: [] }, { signal }))
  const reason = new Error('enough')
  const first = expect(reads[0]).rejects.toBe(reason)
  await expect.poll(() => transfer.calls.length).toBe(1)
  abort.abort(reason)
  await first
  gate.resolve(undefined)
  await Promise.all(reads.slice(1))
  expect(transfer.calls).toHaveLength(1)
})

test('asks its own providers when the one that it waited for asked the wrong ones', async () => {
  const dag = dags['large bundle']
  const { store, transfer } = await damagedStore(dag, 4, 'flipped')
  await store.verify(undefined)
  transfer.onlyOf = 'right'
  const results = await Promise.allSettled([['wrong'], ['right'], []].map(async providers =>
    healBundle({ store, transfer }, dag.root, { providers })))
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected'])
})

test('leaves the block damaged when nobody has it, and says both why and why not', async () => {
  const dag = dags['large bundle']
  const { store, transfer } = await damagedStore(dag, 4, 'emptied')
  transfer.has = false
  const reader = healingReader({ store, transfer }, dag.root)
  const { cid } = dag.blocks[4] ?? expect.fail()
  const error: unknown = await reader.get({ cid, position: [] }).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(CorruptBlockError)
  expect(error).toMatchObject({ details: { cid: cid.toString(), heal: 'nobody has it' } })
  transfer.has = true
  expect((await reader.get({ cid, position: [] })).byteLength).toBe(256 * 1024)
})

test('gives up a block that does not come in time', async () => {
  const dag = dags['large bundle']
  const { store, transfer } = await damagedStore(dag, 4, 'emptied')
  await store.verify(undefined)
  transfer.gate = new Promise(() => {})
  await expect(healBundle({ store, transfer }, dag.root, { stallTimeoutMs: 20 })).rejects.toMatchObject({ name: 'TimedOutError' })
})

test('asks nobody when others cannot be asked, and for nothing that is not stored', async () => {
  const dag = dags['small bundle']
  const { store, transfer } = await damagedStore(dag, 4, 'flipped')
  const { cid } = dag.blocks[4] ?? expect.fail()
  await expect(healingReader({ store }, dag.root).get({ cid, position: [] })).rejects.toThrow(CorruptBlockError)
  await expect(healBundle({ store, transfer }, cid)).rejects.toThrow(NotStoredError)
  expect(transfer.calls).toEqual([])
})

test('repairs a block for all bundles that have it', async () => {
  const dag = dags['large bundle']
  const { store, transfer } = await damagedStore(dag, 4, 'flipped')
  const upper = dag.blocks[2] ?? expect.fail()
  await commit(store, { root: upper.cid, blocks: [] }, { holds: [] })
  expect(await store.verify(undefined)).toMatchObject({ damaged: [{ bundles: [dag.root.toString(), upper.cid.toString()] }] })
  expect([dag.root, upper.cid].map(root => store.isDamaged(root))).toEqual([true, true])
  await healBundle({ store, transfer }, dag.root)
  expect([dag.root, upper.cid].map(root => store.isDamaged(root))).toEqual([false, false])
})

/** Sends what it has of the DAG, by the order of the wire protocol. */
class Provider implements Pick<Transfer, 'fetchDag'> {
  readonly calls: FetchDagOptions[] = []
  readonly sent: CID[] = []
  has = true
  /** Which provider has it. */
  onlyOf: string | undefined
  gate: Promise<unknown> = Promise.resolve()
  readonly #dag: Dag

  constructor (dag: Dag) {
    this.#dag = dag
  }

  async fetchDag (root: CID, into: Parameters<Transfer['fetchDag']>[1], options: FetchDagOptions): Promise<FetchedDag> {
    this.calls.push(options)
    await this.gate
    if (this.onlyOf !== undefined && !options.providers.includes(this.onlyOf)) throw new UnavailableError('nobody has it')
    if (!this.has) throw new UnavailableError('nobody has it')
    const walk = new DagWalk(root, { ...options, since: options.from })
    for (let step = walk.next(); step !== undefined; step = walk.next()) {
      const { cid } = step
      const { bytes } = this.#dag.blocks.find(block => block.cid.equals(cid)) ?? expect.fail()
      walk.supply(step.wanted ? bytes : await into.get(cid))
      if (!step.wanted) continue
      this.sent.push(cid)
      await into.put(cid, bytes)
    }
    return { access: 'anyone', statements: [], bytes: 1, provider: 'p', attempts: [] }
  }
}

async function damagedStore (dag: Dag, position: number, injury: Injury, change: Partial<BundleRecord> = {}):
  Promise<{ store: Store, transfer: Provider, damaged: Dag['blocks'] }> {
  const fileSystem = new UnreadableFileSystem(new MemoryFileSystem())
  const store = await openMemory({ fileSystem })
  await commit(store, dag, { holds: [{ owner: 'host' }], ...change })
  return { store, transfer: new Provider(dag), damaged: await hurt(fileSystem, new RepositoryPaths('/').root, dag, position, injury) }
}

async function signed (root: CID, key: number): Promise<BundleRecord['statements'][number]> {
  const identity = testIdentity(key)
  const zero = `0x${'0'.repeat(64)}` as const
  const init = { kind: 'task', root: digestOf(root), answers: zero, access: 'anyone' as const, salt: zero, time: '1' }
  return verifyStatement(await signStatement(init, async digest => identity.sign(digest)))
}
