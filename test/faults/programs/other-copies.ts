/**
 * Tries to open a repository that is open in this process, in the ways that a process has. Prints a line of JSON for each:
 * `{ way, error }`, with what was wrong as `error` and none when it is as it should be.
 *
 * Argument: a home without repositories.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { createDataNode } from '../../../dist/index.js'
import { createDataNode as createFromSource } from '../../../src/index.ts'
import { openStore } from '../../../src/store/store.ts'

const [home = ''] = process.argv.slice(2)
const privateKey = '11'.repeat(32)
const node = await createDataNode({ home, privateKey })
const path = join(home, node.address)
const url = new URL('../../../src/store/store.ts?copy', import.meta.url).href
const copy = await import(url) as { openStore: typeof openStore }
assert.notEqual(copy.openStore, openStore)

const ways: Record<string, () => Promise<unknown>> = {
  'the same copy': () => createDataNode({ home, privateKey }),
  'the same copy, after a failed open': () => createDataNode({ home, privateKey }),
  'another copy': () => createFromSource({ home, privateKey }),
  'the store alone': () => openStore({ path, address: node.address }),
  'another copy of the store alone': () => copy.openStore({ path, address: node.address }),
  'another name of the place': () => openStore({ path: join(home, '.', 'x', '..', node.address), address: node.address })
}

for (const [way, open] of Object.entries(ways)) {
  const error = await refusal(open).then(() => undefined, (reason: unknown) => String(reason))
  process.stdout.write(`${JSON.stringify({ way, error })}\n`)
}
await node.stop()
const again = await createFromSource({ home, privateKey })
await again.stop()
process.stdout.write(`${JSON.stringify({ way: 'after it was stopped' })}\n`)

async function refusal (open: () => Promise<unknown>): Promise<void> {
  const error = await open().then(() => undefined, (reason: unknown) => reason)
  assert.ok(error instanceof Error, 'it was opened twice')
  assert.equal(error.name, 'RepositoryLockedError')
  assert.match(error.message, new RegExp(`held by process ${process.pid} on .+ since \\d{4}-`))
  assert.equal((error as Error & { retryable: boolean }).retryable, true)
}
