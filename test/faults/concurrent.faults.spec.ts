import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Store } from '../../src/interface/store.ts'
import { openStore } from '../../src/store/store.ts'
import { address, directoryOf, node, raw } from '../store/dags.ts'
import type { Dag } from '../store/dags.ts'
import { checkFiles, checkListed, checkRepo } from './check-repo.ts'
import { fastDirectory } from './directories.ts'
import { Random, rounds, seed } from './random.ts'
import { fetchInto, hold, publish, release } from './verbs.ts'

/** What runs at the same time in one round. */
interface Round {
  store: Store
  /** Numbers of its own for each that runs, so that none depends on who was faster. */
  randomFor: (name: string) => Random
  /** Roots that must be listed when the round is over. */
  acknowledged: Set<string>
  n: number
}

const mixes: Record<string, (round: Round) => Promise<unknown>> = {
  'one bundle twenty times': async ({ store, randomFor, acknowledged, n }) => {
    const dag = sharing(randomFor('same'), `same ${n}`)
    const stored = await Promise.all(Array.from({ length: 20 }, () => publish(store, dag)))
    expect(new Set(stored.map(({ storedAt, blocks }) => `${storedAt} ${blocks}`)).size).toBe(1)
    acknowledged.add(dag.root.toString())
  },
  'publishing and collecting': async round => Promise.all([publishing(round, 'a'), publishing(round, 'b'), collecting(round)]),
  'fetching and collecting': async round => Promise.all([fetching(round, 'a'), fetching(round, 'b'), collecting(round), publishing(round, 'c')]),
  'holding and releasing what shares blocks': async round => {
    const { store, randomFor, acknowledged, n } = round
    const dags = Array.from({ length: 4 }, (_, at) => sharing(randomFor(`dag ${at}`), `held ${n}/${at}`))
    await Promise.all(dags.map(dag => publish(store, dag)))
    const held = new Set(dags)
    const changing = dags.map(async (dag, at) => {
      const random = randomFor(`changes ${at}`)
      for (let change = 0; change < 3; change++) {
        await pause(random)
        if (held.delete(dag)) await release(store, dag.root)
        // A collection may have been faster.
        else if (await hold(store, dag.root).then(() => true, () => false)) held.add(dag)
      }
      if (!held.has(dag)) return
      expect(store.record(dag.root)).toBeDefined()
      acknowledged.add(dag.root.toString())
    })
    await Promise.all([...changing, collecting(round), reading(round, dags)])
  },
  'everything': async round => Promise.all([publishing(round, 'a'), fetching(round, 'b'), collecting(round), mixes['holding and releasing what shares blocks']?.(round)])
}

for (const [title, mix] of Object.entries(mixes)) {
  test(`loses nothing and leaves nothing behind, whatever the order of ${title}`, async () => {
    const path = join(await fastDirectory(), 'repository')
    let store = await openStore({ path, address })
    const acknowledged = new Set<string>()
    for (let n = 0; n < rounds; n++) {
      try {
        await mix({ store, acknowledged, n, randomFor: name => new Random(`${title}/${n}/${name}`) })
        if (n % 4 !== 3) continue
        await checkListed(store, { acknowledged })
        await checkFiles(path, store)
        await forget(store, new Random(`${title}/${n}/forget`), acknowledged)
        if (n % 40 !== 39) continue
        await store.close()
        await checkRepo(path, { acknowledged, label: 'after it was closed' })
        store = await openStore({ path, address })
      } catch (cause) {
        await store.close()
        throw new Error(`seed ${seed}, round ${n}: ${cause instanceof Error ? cause.stack ?? cause.message : String(cause)}`, { cause })
      }
    }
    await store.close()
    await checkRepo(path, { acknowledged, label: `seed ${seed}` })
  })
}

/** Bundles of one test have many blocks in common, in CARs and in files. */
function sharing (random: Random, text: string): Dag {
  const common = Array.from({ length: 1 + random.below(4) }, () => random.below(8))
    .map(at => raw(`common ${at}`, at < 2 ? 400_000 : 500))
  const unique = [...new Map(common.map(block => [block.cid.toString(), block])).values()]
  return directoryOf([...unique, raw(text, random.below(6) === 0 ? 700_000 : 300)])
}

async function publishing ({ store, randomFor, acknowledged, n }: Round, name: string): Promise<void> {
  const random = randomFor(`publishing ${name}`)
  for (let at = 0; at < 3; at++) {
    const dag = sharing(random, `published ${n}/${name}/${at}`)
    await pause(random)
    await publish(store, dag)
    acknowledged.add(dag.root.toString())
    if (at > 0) continue
    // Another bundle that has the same blocks without having brought them, and outlives this one.
    const top = node([{ cid: dag.root }])
    await publish(store, { root: top.cid, blocks: [top] })
    acknowledged.add(top.cid.toString())
    acknowledged.delete(dag.root.toString())
    await release(store, dag.root)
  }
}

async function fetching ({ store, randomFor, n }: Round, name: string): Promise<void> {
  const random = randomFor(`fetching ${name}`)
  for (let at = 0; at < 3; at++) {
    const dag = sharing(random, `fetched ${n}/${name}/${at}`)
    await pause(random)
    const { root } = await fetchInto(store, dag)
    // A collection may have taken it already; a handle would keep it.
    if (store.record(root) === undefined) continue
    await readWhole(store, dag)
  }
}

async function collecting ({ store, randomFor }: Round): Promise<void> {
  const random = randomFor('collecting')
  for (let time = 0; time < 3; time++) {
    await pause(random)
    await store.collect(random.below(2) === 0 ? {} : { bytes: random.below(1_000_000) })
  }
}

async function reading ({ store, randomFor }: Round, dags: readonly Dag[]): Promise<void> {
  const random = randomFor('reading')
  for (const dag of dags) {
    await pause(random)
    if (store.record(dag.root) === undefined) continue
    await readWhole(store, dag)
  }
}

/** Reads a bundle that is kept meanwhile. */
async function readWhole (store: Store, { root, blocks }: Dag): Promise<void> {
  const kept = store.keep(root)
  try {
    for (const { cid, bytes } of blocks) expect(Buffer.from(await store.get(cid)).equals(bytes)).toBe(true)
  } finally {
    kept[Symbol.dispose]()
  }
}

async function pause (random: Random): Promise<void> {
  for (let ticks = random.below(12); ticks > 0; ticks--) await setImmediate()
}

/** Lets go of most of what is held, so that the repository stays small. */
async function forget (store: Store, random: Random, acknowledged: Set<string>): Promise<void> {
  for (const { root } of [...store.records()]) {
    if (random.below(4) === 0 || !acknowledged.delete(root.toString())) continue
    await release(store, root)
  }
}
