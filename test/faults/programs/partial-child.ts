/**
 * A store that fetches bundles in pieces until it is killed or its parent ends. What it prints is said at the head of
 * `node-child.ts`, and beside that:
 *
 * - `left <root> <blocks>` from here on so many blocks are left of the fetch, or more
 * - `any <root>` from here on any number may be
 *
 * Arguments: repository, a text that bundles are made from, and how durable they are to be.
 */
import { openStore } from '../../../src/store/store.ts'
import { address } from '../../store/dags.ts'
import { dagOf, interruptFetch, resumeFetch } from '../verbs.ts'
import type { Dag } from '../../store/dags.ts'

const [path = '', seed = '', durability] = process.argv.slice(2)
process.stdin.on('end', () => process.exit()).resume()
const storage = { quota: '1GiB', keepFree: 0, durability: durability === 'process-crash' ? durability : 'power-cut' } as const
const bundles: readonly Dag[] = [2, 5, 8].map(n => dagOf(seed, n))

for (let round = 0; ; round++) {
  const store = await openStore({ path, address, storage })
  say('open', address)
  for (const [at, dag] of bundles.entries()) {
    if (store.record(dag.root) !== undefined) continue
    const root = dag.root.toString()
    // Enough for them to have files.
    for (const count of [5, 6]) {
      await interruptFetch(store, dag, count)
      say('left', `${root} ${count}`)
    }
    if ((round + at) % 3 !== 2) continue
    say('any', root)
    await resumeFetch(store, dag)
    await store.update(dag.root, { holds: [{ owner: 'host' }] })
    say('kept', root)
    say('maybe', root)
    await store.update(dag.root, { holds: [] })
  }
  if (round % 3 === 1) {
    for (const { root } of bundles) say('any', root.toString())
    await store.collect()
  }
  await store.close()
}

function say (what: string, about: string): void {
  process.stdout.write(`${what} ${about}\n`)
}
