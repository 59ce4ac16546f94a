import assert from 'node:assert/strict'
import { join } from 'node:path'
import type { AbortOptions } from '../../src/interface/primitives.ts'
import type { Store } from '../../src/interface/store.ts'
import { openStore } from '../../src/store/store.ts'
import { address, directoryOf, largeDag, raw, smallDag } from '../store/dags.ts'
import type { Dag } from '../store/dags.ts'
import { fastDirectory } from './directories.ts'
import type { Fault } from './faulty-file-system.ts'
import { fetchInto, hold, interruptFetch, publish, release, resumeFetch } from './verbs.ts'

/** Something that is done to an open store which has the bundles below. */
export interface Operation {
  name: string
  /** What is stored when it resolves, and may be when it does not. */
  stores?: Dag
  run: (store: Store, options: AbortOptions) => Promise<unknown>
  /** What nobody holds when it has begun. */
  letsGo?: readonly Dag[]
  /** Those that it meets in another way than the operations before it; all of them when absent. */
  meets?: readonly Fault[]
  /** False when it is too short to be aborted. */
  takesSignal?: false
}

/** Held. */
export const small: Dag = smallDag('held small')
export const large: Dag = largeDag('held large', 5, 220_000)
/** Links blocks of `small` and `large`, and is held. */
export const linking: Dag = directoryOf([...small.blocks.slice(1, 2), ...large.blocks.slice(1, 2), raw('of its own')])
/** Not held, and not revealed either. */
export const embargoed: Dag = smallDag('embargoed')
/** Not held: the second shares blocks with `large`. */
export const cachedSmall: Dag = smallDag('cached small')
export const cachedLarge: Dag = directoryOf([...large.blocks.slice(1, 3), ...largeDag('cached large', 3, 340_000).blocks.slice(1)])

export const held: readonly Dag[] = [small, large, linking, embargoed]
export const cached: readonly Dag[] = [cachedSmall, cachedLarge]

/** Its fetch was interrupted; some of it is in `large` too. */
const interrupted = directoryOf([...large.blocks.slice(1, 2), ...largeDag('interrupted', 5, 310_000).blocks.slice(1)])

const [newSmall, newLarge] = [smallDag('new small'), largeDag('new large', 5, 220_000)]

/** What there is before an operation. */
export async function fill (store: Store): Promise<void> {
  for (const dag of [small, large, linking]) await publish(store, dag)
  await publish(store, embargoed, { embargoed: true, holds: [] })
  for (const dag of cached) await fetchInto(store, dag)
  await interruptFetch(store, interrupted, 5)
}

/** A closed repository with these bundles in it. */
export async function filledRepository (): Promise<string> {
  const path = join(await fastDirectory(), 'template')
  const store = await openStore({ path, address })
  await fill(store)
  await store.close()
  return path
}

export function textOf (dags: readonly Dag[]): string[] {
  return dags.map(({ root }) => root.toString())
}

export const operations: readonly Operation[] = [
  { name: 'publish small', stores: newSmall, run: async (store, options) => publish(store, newSmall, {}, options) },
  { name: 'publish large', stores: newLarge, run: async (store, options) => publish(store, newLarge, {}, options) },
  { name: 'fetch small', stores: newSmall, run: async (store, options) => fetchInto(store, newSmall, options) },
  {
    name: 'fetch large',
    meets: ['EIO', 'ENOSPC', 'short write', 'failed fsync'],
    stores: newLarge,
    run: async (store, options) => fetchInto(store, newLarge, options)
  },
  {
    name: 'interrupt a fetch',
    meets: ['EIO', 'ENOSPC', 'short write', 'failed fsync', 'done, then EIO'],
    run: async (store, options) => interruptFetch(store, newLarge, 6, options)
  },
  {
    name: 'resume a fetch',
    meets: ['EIO', 'ENOSPC', 'EACCES', 'failed fsync', 'done, then EIO'],
    stores: interrupted,
    run: async (store, options) => resumeFetch(store, interrupted, options)
  },
  {
    name: 'discard what is left of a fetch',
    takesSignal: false,
    run: async store => {
      await using partial = store.partial(interrupted.root)
      await partial.discard()
    }
  },
  {
    name: 'read',
    run: async (store, options) => {
      for (const { cid, bytes } of [...small.blocks, ...large.blocks]) {
        assert.ok(Buffer.from(await store.get(cid, options)).equals(bytes))
      }
    }
  },
  {
    name: 'hold and release',
    takesSignal: false,
    letsGo: [large, ...cached],
    run: async store => {
      await hold(store, cachedLarge.root)
      await release(store, large.root)
      await release(store, cachedLarge.root)
    }
  },
  { name: 'reveal', takesSignal: false, letsGo: [embargoed], run: async store => store.update(embargoed.root, { embargoed: false }) },
  { name: 'collect', run: async (store, options) => store.collect(options) },
  { name: 'verify', run: async (store, options) => store.verify(undefined, options) }
]
