import { expect, test } from 'vitest'
import { openHandle } from '../../src/bundle/handle.ts'
import { resultBundleInit } from '../../src/bundle/result.ts'
import { revealStored } from '../../src/bundle/reveal-stored.ts'
import { taskBundleInit } from '../../src/bundle/task.ts'
import { NotStoredError, WrongKindError } from '../../src/errors.ts'
import { branch } from '../format/dags.ts'
import { noteInit, publishStored, testNode } from './fixtures.ts'
import type { TestNode } from './fixtures.ts'
import type { TaskBundle } from '../../src/interface/bundle.ts'
import type { StoredBundle } from '../../src/interface/store.ts'

const session = { chainId: '1', queue: `0x${'cc'.repeat(20)}` as const, sessionId: '7' }

/** A node with a result that is not revealed. */
async function scene (): Promise<{ node: TestNode, result: StoredBundle }> {
  const node = testNode(1)
  const task = await openHandle(node, await publishStored(node, taskBundleInit({ session, prompt: 'p' }, 'anyone', node.identity))) as TaskBundle
  await task.close()
  const result = await publishStored(node, resultBundleInit({ task, taskId: '0', output: 'o' }, { reveal: 'later' }, node))
  return { node, result }
}

test('reveals a stored result, keeps no handle on it, and may be called again', async () => {
  const { node, result } = await scene()
  for (let n = 0; n < 2; n++) {
    await revealStored(node, result.root, {})
    expect(node.store.record(result.root)?.embargoed).toBe(false)
    expect(node.store.keepsOf(result.root)).toBe(0)
  }
  expect(node.offers).toEqual([])
})

test('waits for routers, as the handle does', async () => {
  const { node, result } = await scene()
  await revealStored(node, result.root, { confirm: 2, confirmTimeoutMs: 5 })
  expect(node.offers).toMatchObject([{ offer: { root: result.root }, options: { routers: 2, timeoutMs: 5 } }])
})

test('reveals nothing when more routers are to confirm than there are', async () => {
  const { node, result } = await scene()
  await expect(revealStored(node, result.root, { confirm: 3 })).rejects.toThrow('confirm must be')
  expect(node.store.record(result.root)?.embargoed).toBe(true)
  expect(node.store.keepsOf(result.root)).toBe(0)
})

test('says that it is not stored, or is no result', async () => {
  const { node } = await scene()
  await expect(revealStored(node, branch([], 'none').cid, {})).rejects.toThrow(NotStoredError)
  const note = await publishStored(node, noteInit([]))
  await expect(revealStored(node, note.root, {})).rejects.toThrow(WrongKindError)
})
