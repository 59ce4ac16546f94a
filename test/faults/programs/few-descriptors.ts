/**
 * Works on a repository while the process has only so many descriptors left, from none to enough, and prints a line of JSON for
 * each: the names of the errors that were seen, and what was wrong.
 *
 * Argument: the repository.
 */
import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '../../../src/interface/store.ts'
import { openStore } from '../../../src/store/store.ts'
import { address, largeDag, smallDag } from '../../store/dags.ts'
import type { Dag } from '../../store/dags.ts'
import { checkRepo } from '../check-repo.ts'
import { fetchInto, publish } from '../verbs.ts'

/** What was seen with so many descriptors left. */
export interface DescriptorsLine {
  left: number
  errors: string[]
  wrong?: string
}

const [directory = ''] = process.argv.slice(2)
const earlier = [smallDag('earlier small'), largeDag('earlier large', 5, 250_000)]
const leftMax = 12

for (let left = 0; left <= leftMax; left++) {
  const line: DescriptorsLine = { left, errors: [] }
  try {
    await attempt(left, line)
  } catch (error) {
    line.wrong = error instanceof Error ? error.stack ?? error.message : String(error)
  }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

async function attempt (left: number, { errors }: DescriptorsLine): Promise<void> {
  const path = join(directory, String(left))
  const first = await openStore({ path, address })
  for (const dag of earlier) await publish(first, dag)
  await first.close()
  const store = await openStore({ path, address })
  const dags = [smallDag('new small'), largeDag('new large', 6, 250_000), smallDag('fetched')]
  const taken = takeAll(left)
  const acknowledged: Dag[] = [...earlier]
  try {
    await note(errors, readAll(store, earlier))
    for (const [at, dag] of dags.entries()) {
      const stored = await note(errors, at === 2 ? fetchInto(store, dag) : publish(store, dag))
      if (stored) acknowledged.push(dag)
    }
  } finally {
    for (const descriptor of taken) closeSync(descriptor)
  }
  await readAll(store, acknowledged)
  for (const dag of dags) await publish(store, dag)
  await readAll(store, [...earlier, ...dags])
  await store.close()
  await checkRepo(path, { acknowledged: acknowledged.map(({ root }) => root.toString()), label: `${left} descriptors left` })
}

/** Takes every descriptor that there is but for some. */
function takeAll (left: number): number[] {
  const taken: number[] = []
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'))
  } catch {
    for (const descriptor of taken.splice(0, left)) closeSync(descriptor)
  }
  return taken
}

async function note (errors: string[], work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    assert.ok(error instanceof Error)
    errors.push(error.name)
    assert.match(error.name, /^Storage(Full)?Error$/, `a lack of descriptors is said to be ${String(error)}`)
    return false
  }
}

async function readAll (store: Store, dags: readonly Dag[]): Promise<void> {
  for (const { blocks } of dags) {
    for (const { cid, bytes } of blocks) {
      assert.ok(await store.has(cid))
      assert.deepEqual(Buffer.from(await store.get(cid)), Buffer.from(bytes))
    }
  }
}
