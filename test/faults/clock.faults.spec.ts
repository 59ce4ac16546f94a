import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Store } from '../../src/interface/store.ts'
import { openStore } from '../../src/store/store.ts'
import { address, smallDag } from '../store/dags.ts'
import { checkRepo } from './check-repo.ts'
import { fastDirectory } from './directories.ts'
import { publish } from './verbs.ts'

const day = 86_400_000
const year = 365 * day
const start = Date.UTC(2026, 0, 1)

/** A store whose time is set by hand. */
interface Timed {
  store: Store
  time: { now: number }
  path: string
  reopen: () => Promise<void>
}

test('ends a hold when its time has come, and not before', async () => {
  const { store, time } = await openTimed()
  const dag = await publishUntil(store, start + day)
  time.now = start + day - 1
  await store.collect()
  expect(store.record(dag)).toBeDefined()
  time.now = start + day
  await store.collect()
  expect(store.record(dag)).toBeUndefined()
})

for (const [title, step] of [['back by a year', -year], ['back before 1970', -start - day], ['back by a minute', -60_000]] as const) {
  test(`ends nothing early when the clock is set ${title}`, async () => {
    const timed = await openTimed()
    const dag = await publishUntil(timed.store, start + day)
    timed.time.now = start + step
    await timed.store.collect()
    expect(timed.store.record(dag)).toBeDefined()
    await timed.reopen()
    await timed.store.collect()
    expect(timed.store.record(dag)).toBeDefined()
    timed.time.now = start + day - 1
    await timed.store.collect()
    expect(timed.store.record(dag)).toBeDefined()
    timed.time.now = start + day
    await timed.store.collect()
    expect(timed.store.record(dag)).toBeUndefined()
    await check(timed)
  })
}

test('ends nothing earlier than by the step when the clock is set forward by a year', async () => {
  const timed = await openTimed()
  const [short, long, endless] = [
    await publishUntil(timed.store, start + day), await publishUntil(timed.store, start + year + day), await publishUntil(timed.store, undefined)
  ]
  timed.time.now = start + year
  await timed.store.collect()
  expect([short, long, endless].map(root => timed.store.record(root) !== undefined)).toEqual([false, true, true])
  timed.time.now = start
  await timed.reopen()
  expect([short, long, endless].map(root => timed.store.record(root) !== undefined)).toEqual([false, true, true])
  await check(timed)
})

test('stores, changes and removes bundles whatever the clock says', async () => {
  for (const step of [-year, year, -start + 1]) {
    const timed = await openTimed()
    const first = await publishUntil(timed.store, undefined)
    timed.time.now = start + step
    const second = await publishUntil(timed.store, undefined)
    await timed.store.update(first, { readers: [address] })
    await timed.reopen()
    expect(timed.store.record(first)?.readers).toEqual([address])
    await timed.store.update(second, { holds: [] })
    await timed.store.collect()
    expect(timed.store.record(second)).toBeUndefined()
    await publishUntil(timed.store, undefined)
    await timed.reopen()
    expect(timed.store.record(first)?.readers).toEqual([address])
    await check(timed)
  }
})

async function openTimed (): Promise<Timed> {
  const path = join(await fastDirectory(), 'repository')
  const time = { now: start }
  const open = (): Promise<Store> => openStore({ path, address, clock: () => time.now })
  const timed: Timed = {
    path,
    time,
    store: await open(),
    reopen: async () => {
      await timed.store.close()
      timed.store = await open()
    }
  }
  return timed
}

let published = 0

async function publishUntil (store: Store, until: number | undefined): Promise<Parameters<Store['record']>[0]> {
  const dag = smallDag(`clock ${published++}`)
  await publish(store, dag, { storedAt: start, holds: [until === undefined ? { owner: 'host' } : { owner: 'host', until }] })
  return dag.root
}

async function check ({ store, path, time }: Timed): Promise<void> {
  const acknowledged = Array.from(store.records(), ({ root }) => root.toString())
  await store.close()
  await checkRepo(path, { label: `clock at ${time.now}`, acknowledged, init: { clock: () => time.now } })
}
