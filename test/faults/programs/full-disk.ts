/**
 * Fills a small disk but for some bytes, does something, gives the space back and does it again, for one amount after the other.
 * It runs where the disk is mounted, and prints a line of JSON for each amount.
 *
 * Arguments: the directory, what is done, the first amount left in KiB, the last and the step.
 */
import assert from 'node:assert/strict'
import { rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DataNodeError } from '../../../src/errors.ts'
import type { Store } from '../../../src/interface/store.ts'
import { openStore } from '../../../src/store/store.ts'
import { address, largeDag, smallDag } from '../../store/dags.ts'
import type { Dag } from '../../store/dags.ts'
import { checkListed, checkRepo } from '../check-repo.ts'
import { publish } from '../verbs.ts'

/** What was seen with so much space left. */
export interface FullDiskLine {
  leftKiB: number
  /** Name and code of the first error; undefined when it worked. */
  refused?: { name: string, code: unknown, message: string }
  /** What was wrong. */
  wrong?: string
}

const [directory = '', what = '', first = '', last = '', step = ''] = process.argv.slice(2)
const path = join(directory, 'repository')
const ballast = join(directory, 'ballast')
const storage = { quota: '1GiB', keepFree: 0 }
const kib = 1024

for (let left = Number(first); left <= Number(last); left += Number(step)) {
  const line: FullDiskLine = { leftKiB: left }
  try {
    await attempt(left, line)
  } catch (error) {
    line.wrong = error instanceof Error ? error.stack ?? error.message : String(error)
  }
  process.stdout.write(`${JSON.stringify(line)}\n`)
  rmSync(ballast, { force: true })
  rmSync(path, { recursive: true, force: true })
}

async function attempt (left: number, line: FullDiskLine): Promise<void> {
  const store = await openStore({ path, address, storage })
  try {
    const acknowledged = await useUp(store, left, line)
    await store.close()
    const roots = textOf(acknowledged)
    await checkRepo(path, { acknowledged: roots, possible: new Set(roots), label: `${left} KiB left`, init: { storage } })
  } finally {
    await store.close()
  }
}

/** Gives what was acknowledged before the disk was full, and after there was space again. */
async function useUp (store: Store, left: number, line: FullDiskLine): Promise<Dag[]> {
  const earlier = [smallDag('earlier small'), largeDag('earlier large', 5, 250_000)]
  const acknowledged: Dag[] = []
  for (const dag of earlier) {
    await publish(store, dag)
    acknowledged.push(dag)
  }
  fillUp(left)
  for (let n = 0; n < 100; n++) {
    const dag = dagOf(n)
    const error: unknown = await publish(store, dag).then(() => undefined, (reason: unknown) => reason)
    if (error === undefined) {
      acknowledged.push(dag)
      continue
    }
    assert.ok(error instanceof DataNodeError)
    line.refused ??= { name: error.name, code: error.details['code'], message: error.message }
    assert.match(error.name, /^Storage(Full)?Error$/)
    assert.equal(store.record(dag.root), undefined, 'what was refused is not listed')
    await readAll(store, acknowledged)
    break
  }
  rmSync(ballast)
  for (const n of [100, 101, 102]) {
    await publish(store, dagOf(n))
    acknowledged.push(dagOf(n))
  }
  await checkListed(store, { acknowledged: textOf(acknowledged) })
  return acknowledged
}

function dagOf (n: number): Dag {
  if (what === 'large') return largeDag(`large ${n}`, 5, 250_000)
  return smallDag(`${what} ${n}`, 3, what === 'small' ? 20_000 : 100)
}

/** Leaves so many KiB to whoever writes next. */
function fillUp (left: number): void {
  const { bavail, bsize } = statfsSync(directory)
  const bytes = Math.max(0, bavail * bsize - left * kib)
  for (let at = 0; at < bytes; at += 1024 * kib) {
    writeFileSync(ballast, new Uint8Array(Math.min(1024 * kib, bytes - at)), { flag: 'a' })
  }
  if (bytes === 0) writeFileSync(ballast, '')
  truncateSync(ballast, bytes)
}

async function readAll (store: Store, dags: readonly Dag[]): Promise<void> {
  for (const { blocks } of dags) {
    for (const { cid, bytes } of blocks) assert.deepEqual(Buffer.from(await store.get(cid)), Buffer.from(bytes))
  }
}

function textOf (dags: readonly Dag[]): string[] {
  return dags.map(({ root }) => root.toString())
}
