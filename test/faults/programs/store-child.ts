/**
 * A store that works until it is killed or its parent ends. What it prints is said at the head of `node-child.ts`; with
 * `acknowledgements` it is appended to that file instead.
 *
 * Arguments: repository, a text that bundles are made from, `none` or what is not synced although it should be, and the file.
 */
import { appendFileSync } from 'node:fs'
import { openStore } from '../../../src/store/store.ts'
import { NodeFileSystem } from '../../../src/store/node-file-system.ts'
import { address } from '../../store/dags.ts'
import { UnsyncedFileSystem } from '../unsynced-file-system.ts'
import { dagOf, fetchInto, hold, interruptFetch, publish, release, resumeFetch } from '../verbs.ts'
import type { Unsynced } from '../unsynced-file-system.ts'

const [path = '', seed = '', unsynced = 'none', acknowledgements = ''] = process.argv.slice(2)
process.stdin.on('end', () => process.exit()).resume()
const fileSystem = new UnsyncedFileSystem(new NodeFileSystem(), unsynced as Unsynced)
const store = await openStore({ path, address, fileSystem, storage: { quota: '1GiB', keepFree: 0 } })
process.stdout.write('open\n')
for (let n = 0; ; n++) {
  const dag = dagOf(seed, n)
  const root = dag.root.toString()
  await publish(store, dag)
  say('kept', root)
  if (n % 5 === 1) await store.update(dag.root, { embargoed: true })
  // Large, begun in one round and brought to its end in the next.
  const resumed = dagOf(`${seed}/resumed`, 3 * Math.floor(n / 2) + 2)
  if (n % 2 === 0) await interruptFetch(store, resumed, 5)
  else {
    await resumeFetch(store, resumed)
    await hold(store, resumed.root)
    say('kept', resumed.root.toString())
  }
  if (n % 5 !== 4) continue
  say('maybe', root)
  await release(store, dag.root)
  await fetchInto(store, dagOf(`${seed}/fetched`, n))
  await store.collect({ bytes: 1 })
}

function say (what: string, root: string): void {
  appendFileSync(acknowledgements, `${what} ${root}\n`)
}
