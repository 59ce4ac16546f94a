import { describe, expect, test } from 'vitest'
import { openHandle } from '../../src/bundle/handle.ts'
import { taskBundleInit } from '../../src/bundle/task.ts'
import {
  EncryptedPayloadError, FileNotFoundError, InvalidArgumentError, InvalidManifestError, InvalidNameError, LimitExceededError
} from '../../src/errors.ts'
import { manifestBytesMax } from '../../src/limits.ts'
import { all } from './dags.ts'
import { noteInit, publishStored, testNode } from './fixtures.ts'
import type { TestNode } from './fixtures.ts'
import type { Readers, TaskBundle } from '../../src/interface/bundle.ts'
import type { TaskInit } from '../../src/interface/data-node.ts'

const session = { chainId: '18964747554', queue: `0x${'Cc'.repeat(20)}` as const, sessionId: '0' }
const lower = { ...session, queue: session.queue.toLowerCase() }

async function publish (node: TestNode, task: Partial<TaskInit> = {}, readers: Readers = 'anyone'): Promise<TaskBundle> {
  const init = taskBundleInit({ session, prompt: { b: 1, a: 'text' }, ...task }, readers, node.identity)
  return await openHandle(node, await publishStored(node, init)) as TaskBundle
}

test('lays out prompt, config and session, and files below inputs', async () => {
  const task = await publish(testNode(1), {
    config: { max_tokens: 5 }, metadata: { name: 's' }, clientReference: 'ref', files: [{ name: 'd/paper.txt', text: 'x' }]
  })
  expect((await all(task.files())).map(({ path }) => path)).toEqual([
    'config.json', 'inputs', 'inputs/d', 'inputs/d/paper.txt', 'manifest.json', 'prompt.json', 'session.json'
  ])
  expect(Buffer.from(await task.bytes('prompt.json')).toString()).toBe('{"a":"text","b":1}')
  expect(Buffer.from(await task.bytes('config.json')).toString()).toBe('{"max_tokens":5}')
  expect(Buffer.from(await task.bytes('session.json')).toString()).toBe('{"name":"s"}')
  expect(task.manifest).toEqual({ format: 'cortensor-bundle', version: '1.0', kind: 'task', session: lower, clientReference: 'ref' })
})

test('gives prompt, config and session without waiting', async () => {
  const task = await publish(testNode(1), { prompt: ['a', null] })
  expect([task.prompt, task.config, task.session]).toEqual([['a', null], {}, {}])
})

test('is recorded with its network session, and held for two days', async () => {
  const node = testNode(1)
  const task = await publish(node)
  const stored = node.store.record(task.cid)
  expect(stored).toMatchObject({ kind: 'task', session: lower, embargoed: false })
  const [hold] = stored?.holds ?? []
  expect(hold?.owner).toBe('host')
  expect(Math.abs((hold?.until ?? 0) - (stored?.storedAt ?? 0) - 2 * 86_400_000)).toBeLessThan(10)
})

test('has a nonce of the node\'s key when only some may read it, the same each time', async () => {
  const [first, again, other, open] = await Promise.all([
    publish(testNode(1), {}, []), publish(testNode(1), {}, []), publish(testNode(2), {}, []), publish(testNode(1), {}, 'anyone')
  ])
  expect(first.manifest.nonce).toMatch(/^0x[0-9a-f]{64}$/)
  expect(again.cid.equals(first.cid)).toBe(true)
  expect(other.manifest.nonce).not.toBe(first.manifest.nonce)
  expect(open.manifest.nonce).toBeUndefined()
  expect(first.access).toBe('restricted')
})

test('keeps an encrypted prompt for whoever can decrypt it', async () => {
  const task = await publish(testNode(1), { prompt: 'c2VjcmV0', encryption: { scheme: 'x', keyId: 'k' } })
  expect(() => task.prompt).toThrow(EncryptedPayloadError)
  expect(Buffer.from(await task.bytes('prompt.json')).toString()).toBe('"c2VjcmV0"')
})

describe('refuses', () => {
  test('files that would leave inputs', async () => {
    await expect(publish(testNode(1), { files: [{ name: '../prompt.json', text: 'x' }] })).rejects.toThrow(InvalidNameError)
  })

  test('a prompt that JSON cannot hold', async () => {
    await expect(publish(testNode(1), { prompt: undefined as never })).rejects.toThrow(InvalidManifestError)
  })

  test('a queue that is no address, and ids that are no uint256', async () => {
    await expect(publish(testNode(1), { session: { ...session, queue: '0x1' } })).rejects.toThrow(InvalidArgumentError)
    await expect(publish(testNode(1), { session: { ...session, sessionId: '01' } })).rejects.toThrow(InvalidArgumentError)
    await expect(publish(testNode(1), { session: null as never })).rejects.toThrow(InvalidArgumentError)
  })

  test('config and metadata that are no objects', async () => {
    await expect(publish(testNode(1), { config: [] as never })).rejects.toThrow('config must be an object')
    await expect(publish(testNode(1), { metadata: 5 as never })).rejects.toThrow('metadata must be an object')
  })

  test('a prompt that no handle could read, and lists nothing', async () => {
    const node = testNode(1)
    await expect(publish(node, { prompt: 'x'.repeat(manifestBytesMax) })).rejects.toThrow(LimitExceededError)
    expect([...node.store.records()]).toEqual([])
  })

  test('readers that are no addresses', async () => {
    await expect(publish(testNode(1), {}, JSON.parse('["x"]') as Readers)).rejects.toThrow(InvalidArgumentError)
  })
})

describe('as it is read from others', () => {
  const manifest = (): never => ({ format: 'cortensor-bundle', version: '1.0', kind: 'task', session: lower }) as never

  test('must have the files of its kind', async () => {
    const node = testNode(1)
    await expect(publishStored(node, noteInit([{ name: 'prompt.json', text: '1' }], { manifest }))).rejects.toThrow(FileNotFoundError)
    expect([...node.store.records()]).toEqual([])
  })

  test('must have them in canonical form', async () => {
    const node = testNode(1)
    const files = [{ name: 'prompt.json', text: '{"a":1,"a":2}' }, { name: 'config.json', text: '{}' }, { name: 'session.json', text: '{}' }]
    await expect(publishStored(node, noteInit(files, { manifest }))).rejects.toThrow(InvalidManifestError)
    expect([...node.store.records()]).toEqual([])
  })
})
