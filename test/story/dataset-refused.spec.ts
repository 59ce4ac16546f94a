import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import type { DatasetInit } from '../../src/interface/dataset.ts'
import type { PublishOptions } from '../../src/interface/options.ts'

const mib = 1024 * 1024
const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '1' }

/** Pieces of a mebibyte, and then what is to happen. */
async function * pieces (count: number, end: () => void): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < count; n++) yield await Promise.resolve(new Uint8Array(mib).fill(n))
  end()
  yield new Uint8Array(1)
}

describe('a version that is refused leaves nothing behind:', () => {
  let node: DataNode
  let directory: string
  let restricted: string

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'refused-'))
    node = await createDataNode({ home: directory, privateKey: 'generate', storage: { quota: '24MiB', keepFree: 0 } })
    await using task = await node.publishTaskBundle({ session, prompt: 'secret' }, { readers: [] })
    restricted = task.urn
    await (await node.datasets.publish({ name: 'qa', version: '1.0.0', files: [{ name: 'a', text: 'a' }] })).close()
  })
  afterAll(async () => {
    await node.stop()
    await rm(directory, { recursive: true })
  })

  /** What can be seen of what was published: bundles, their bytes and files, partial fetches, and statements in the trail. */
  async function seen (): Promise<unknown> {
    const { held, cached, partialBytes } = node.health().disk
    const roots = await Array.fromAsync(node.list(), ({ cid }) => cid)
    return { held, cached, partialBytes, roots: roots.sort(), statements: (await node.audit.checkpoint()).size }
  }

  const next = { name: 'qa', version: '1.1.0', previous: '' }
  const cases: [string, string, () => [Partial<DatasetInit>, PublishOptions?]][] = [
    ['by its quota, half-way', 'StorageFullError', () => [{ files: [{ name: 'big', stream: pieces(40, () => {}) }] }]],
    ['by a stream that fails', 'TypeError', () => [{ files: [{ name: 'big', stream: pieces(4, () => { throw new TypeError('gone') }) }] }]],
    ['by a signal, half-way', 'AbortError', () => {
      const abort = new AbortController()
      return [{ files: [{ name: 'big', stream: pieces(4, () => { abort.abort() }) }] }, { signal: abort.signal }]
    }],
    ['by a signal, when all files are in', 'AbortError', () => {
      const abort = new AbortController()
      const onProgress: PublishOptions['onProgress'] = event => {
        if (event.type === 'datanode:publish:file' && event.detail.path === 'croissant.json') abort.abort()
      }
      return [{ files: [{ name: 'a', text: 'a' }, { name: 'b', text: 'b' }] }, { signal: abort.signal, onProgress }]
    }],
    ['by the rule of versions', 'VersionRuleError', () => [{ files: [{ name: 'b', stream: pieces(4, () => {}) }] }]],
    ['by a table that is none', 'InvalidTableError', () => [{ files: [{ name: 'a', text: 'a' }, { name: 'b.csv', text: 'x,y\n1,2\n3\n' }] }]],
    ['by what it links', 'AccessWidenedError', () => [{ files: [{ name: 'a', text: 'a' }, { name: 'task', cid: restricted }] }]],
    ['by a link to what is not there', 'NotStoredError', () => [{ files: [{ name: 'x', cid: `bafkrei${'a'.repeat(52)}` }] }]]
  ]

  it.each(cases)('%s', async (_, name, make) => {
    const before = await seen()
    const { cid } = await node.datasets.latest(`${node.account}/qa`)
    const [init, options] = make()
    await expect(node.datasets.publish({ ...next, previous: cid, ...init }, options)).rejects.toMatchObject({ name })
    expect(await seen()).toEqual(before)
    expect((await node.verify()).damaged).toEqual([])
  })

  it('and its number is free', async () => {
    const { cid } = await node.datasets.latest(`${node.account}/qa`)
    await using second = await node.datasets.publish({ ...next, previous: cid, files: [{ name: 'a', text: 'a' }, { name: 'b', text: 'b' }] })
    expect(second.manifest.datasetVersion).toBe('1.1.0')
  })
})
