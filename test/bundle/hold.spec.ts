import { describe, expect, it, test } from 'vitest'
import { holdSelected, isSelector, releaseBundles, selectBundles } from '../../src/bundle/hold.ts'
import { InvalidArgumentError, InvalidReferenceError, NotStoredError } from '../../src/errors.ts'
import { holdOwnerCharactersMax, holdsMax } from '../../src/limits.ts'
import { root as rootOf } from '../audit/fixtures.ts'
import { FakeStore } from './fake-store.ts'
import { noteInit, publishStored, testNode } from './fixtures.ts'
import type { TestNode } from './fixtures.ts'
import type { Hold } from '../../src/interface/hold.ts'
import type { BundleRecord, StoredBundle } from '../../src/interface/store.ts'

const session = { chainId: '1', queue: `0x${'cc'.repeat(20)}`, sessionId: '7' } as const
const task = { ...session, taskId: '0' }
const missing = 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354'

function add (store: FakeStore, name: string, record: Partial<BundleRecord>): StoredBundle {
  const stored: StoredBundle = {
    root: rootOf(name), kind: 'note', origin: 'published', readers: 'anyone', embargoed: false, holds: [], statements: [], storedAt: 0,
    bytes: 1, blocks: 1, ...record
  }
  store.bundles.set(stored.root.toString(), stored)
  return stored
}

/** Two tasks of one session, each with a result, and evidence on the first. */
function filled (): FakeStore {
  const store = new FakeStore()
  const [first, second] = [add(store, 'first', { kind: 'task', session }), add(store, 'second', { kind: 'task', session })]
  add(store, 'result', { kind: 'result', task, answers: first.root })
  add(store, 'evidence', { kind: 'evidence', task, answers: first.root })
  add(store, 'other', { kind: 'result', task: { ...session, taskId: '1' }, answers: second.root })
  add(store, 'foreign', { kind: 'result', task: { ...task, sessionId: '8' } })
  return store
}

function selected (...args: Parameters<typeof selectBundles>): string[] {
  return selectBundles(...args).map(String).toSorted()
}

function roots (...names: string[]): string[] {
  return names.map(name => rootOf(name).toString()).toSorted()
}

async function note (node: TestNode = testNode(1)): Promise<{ store: FakeStore, root: StoredBundle['root'], holds: () => readonly Hold[] | undefined }> {
  const { root } = await publishStored(node, noteInit([{ name: 'a', text: '1' }]), { retentionMs: 0 })
  return { store: node.store, root, holds: () => node.store.record(root)?.holds }
}

describe('isSelector', () => {
  it('tells what selects from what names', () => {
    expect([{ kind: 'task' }, { task }, {}].map(isSelector)).toEqual([true, true, true])
    expect([missing, rootOf('a'), null as never, 5 as never].map(isSelector)).toEqual([false, false, false, false])
  })
})

describe('selectBundles', () => {
  it('finds all of a kind', () => {
    expect(selected(filled(), { kind: 'result' })).toEqual(roots('result', 'other', 'foreign'))
    expect(selected(filled(), { kind: 'note' })).toEqual([])
  })

  it('finds what belongs to a task, and the task bundle that was answered', () => {
    expect(selected(filled(), { task })).toEqual(roots('first', 'result', 'evidence'))
    expect(selected(filled(), { task, kind: 'task' })).toEqual(roots('first'))
    expect(selected(filled(), { task, kind: 'result' })).toEqual(roots('result'))
  })

  it('finds everything of a session', () => {
    expect(selected(filled(), { task: session })).toEqual(roots('first', 'second', 'result', 'evidence', 'other'))
  })

  it.each([{}, { kind: 5 }, { task: {} }, { task: { ...session, queue: 'x' } }, [], { kind: undefined, task: undefined }])('refuses %j', selector => {
    expect(() => selectBundles(filled(), selector as never)).toThrow(InvalidArgumentError)
  })
})

describe('holdSelected', () => {
  it('holds what is selected, and says how many these are', async () => {
    const store = filled()
    expect(await holdSelected(store, { task }, { owner: 'audit', until: 5 })).toBe(3)
    expect(await holdSelected(store, { kind: 'note' }, {})).toBe(0)
    const held = [...store.records()].filter(({ holds }) => holds.length > 0)
    expect(held.map(({ root }) => root.toString()).toSorted()).toEqual(roots('first', 'result', 'evidence'))
    expect(held.map(({ holds }) => holds)).toEqual(held.map(() => [{ owner: 'audit', until: 5 }]))
  })

  it('puts another time in the place of the one that the owner had', async () => {
    const { store, root, holds } = await note()
    for (const until of [9, 5, undefined, 7, Infinity]) await holdSelected(store, { kind: 'note' }, { until })
    expect(holds()).toEqual([{ owner: 'host' }])
    await holdSelected(store, { kind: 'note' }, { until: 7 })
    expect(store.record(root)?.holds).toEqual([{ owner: 'host', until: 7 }])
  })

  it.each([
    [{ owner: '' }, 'owner'], [{ owner: 'x'.repeat(holdOwnerCharactersMax + 1) }, 'owner'], [{ owner: 5 }, 'owner'], [{ until: -1 }, 'until'],
    [{ until: 1.5 }, 'until'], [{ until: NaN }, 'until'], [{ until: '5' }, 'until'], [{ until: null }, 'until'], [null, 'hold'], ['host', 'hold']
  ])('refuses %j, and names the %s', async (init, name) => {
    const { store, holds } = await note()
    await expect(holdSelected(store, { kind: 'note' }, init as never)).rejects.toThrow(new RegExp(`^${name} must be `))
    expect(holds()).toEqual([])
  })

  it('takes labels up to their length, and holds up to their number', async () => {
    const { store, holds } = await note()
    const longest = 'x'.repeat(holdOwnerCharactersMax)
    await holdSelected(store, { kind: 'note' }, { owner: longest, until: 0 })
    for (let i = 1; i < holdsMax; i++) await holdSelected(store, { kind: 'note' }, { owner: `owner ${i}` })
    expect(holds()).toHaveLength(holdsMax)
    await expect(holdSelected(store, { kind: 'note' }, { owner: 'one more' })).rejects.toThrow(`has ${holdsMax} holds already`)
    await holdSelected(store, { kind: 'note' }, { owner: longest })
    expect(holds()).toHaveLength(holdsMax)
  })
})

describe('releaseBundles', () => {
  it('ends the hold of one owner, by reference or selector, and says how many there were', async () => {
    const store = filled()
    await holdSelected(store, { task }, {})
    await holdSelected(store, { kind: 'result' }, { owner: 'audit' })
    expect(await releaseBundles(store, rootOf('result'), {})).toBe(1)
    expect(await releaseBundles(store, rootOf('result').toString(), {})).toBe(0)
    expect(await releaseBundles(store, { task }, {})).toBe(2)
    expect(await releaseBundles(store, { kind: 'result' }, { owner: 'audit' })).toBe(3)
    expect([...store.records()].every(({ holds }) => holds.length === 0)).toBe(true)
  })

  it('throws for one that is named and not there, and for what names nothing', async () => {
    const store = filled()
    await expect(releaseBundles(store, missing, {})).rejects.toThrow(NotStoredError)
    await expect(releaseBundles(store, 'x', {})).rejects.toThrow(InvalidReferenceError)
    await expect(releaseBundles(store, {}, {})).rejects.toThrow(InvalidArgumentError)
    await expect(releaseBundles(store, missing, { owner: '' })).rejects.toThrow(InvalidArgumentError)
  })

  it('passes over what went while others were released', async () => {
    const store = filled()
    await holdSelected(store, { kind: 'result' }, {})
    const update = store.update.bind(store)
    store.update = async (root, change) => {
      const updated = await update(root, change)
      store.bundles.delete(rootOf('other').toString())
      return updated
    }
    expect(await releaseBundles(store, { kind: 'result' }, {})).toBe(2)
  })
})

test('a bundle of two owners goes when both have released it', async () => {
  const { store, root } = await note()
  await holdSelected(store, { kind: 'note' }, { owner: 'one' })
  await holdSelected(store, { kind: 'note' }, { owner: 'two' })
  await releaseBundles(store, root, { owner: 'one' })
  expect(await store.collect()).toMatchObject({ bundles: 0 })
  await releaseBundles(store, root, { owner: 'two' })
  expect(await store.collect()).toMatchObject({ bundles: 1 })
})

test('a hold until a time that has passed keeps nothing', async () => {
  const { store } = await note()
  await holdSelected(store, { kind: 'note' }, { until: Date.now() + 60_000 })
  expect(await store.collect()).toMatchObject({ bundles: 0 })
  await holdSelected(store, { kind: 'note' }, { until: Date.now() - 1 })
  expect(await store.collect()).toMatchObject({ bundles: 1 })
})
