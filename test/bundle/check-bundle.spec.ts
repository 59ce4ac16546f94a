import { expect, test } from 'vitest'
import { checkBundle, entriesMaxOf, MeasuredBlocks } from '../../src/bundle/check-bundle.ts'
import { FileNotFoundError, InvalidDagError, InvalidNameError, LimitExceededError } from '../../src/errors.ts'
import { datasetEntriesMax, entriesMax } from '../../src/limits.ts'
import { TestDag } from './dags.ts'
import { FakeStore } from './fake-store.ts'
import type { CID } from 'multiformats/cid'

const manifest = '{"format":"cortensor-bundle","kind":"note","version":"1.0"}'

async function staged (dag: TestDag): Promise<{ blocks: MeasuredBlocks, store: FakeStore }> {
  const store = new FakeStore()
  const blocks = new MeasuredBlocks(store.stage())
  const { CID } = await import('multiformats/cid')
  for (const [text, bytes] of dag.blocks) await blocks.put(CID.parse(text), bytes)
  return { blocks, store }
}

async function check (dag: TestDag, cid: CID, max?: number): Promise<unknown> {
  return checkBundle((await staged(dag)).blocks, cid, max === undefined ? {} : { entriesMax: max })
}

test('hands on what is announced, where somebody takes it', async () => {
  const announced: number[] = []
  const staging = new FakeStore().stage()
  new MeasuredBlocks(staging).expect(5)
  new MeasuredBlocks(Object.assign(staging, { expect: (bytes: number) => { announced.push(bytes) } })).expect(6)
  expect(announced).toEqual([6])
})

test('refuses a task without the files that a handle reads', async () => {
  const text = `{"format":"cortensor-bundle","kind":"task","session":{"chainId":"1","queue":"0x${'cc'.repeat(20)}","sessionId":"0"},"version":"1.0"}`
  const dag = new TestDag()
  const files = ['config.json', 'prompt.json', 'session.json'].map(name => ({ name, cid: dag.raw('{}'), size: 2 }))
  const link = { name: 'manifest.json', cid: dag.raw(text), size: text.length }
  const sorted = (...links: (typeof link)[]): (typeof link)[] => links.sort((a, b) => a.name < b.name ? -1 : 1)
  expect(await check(dag, dag.directory(sorted(link, ...files)))).toMatchObject({ kind: 'task' })
  await expect(check(dag, dag.directory(sorted(link, ...files.slice(1))))).rejects.toThrow(FileNotFoundError)
})

test('gives the manifest, and nothing for plain UnixFS', async () => {
  const dag = new TestDag()
  const link = { name: 'manifest.json', cid: dag.raw(manifest), size: manifest.length }
  expect(await check(dag, dag.directory([link]))).toMatchObject({ kind: 'note' })
  expect(await check(dag, dag.directory([]))).toBeUndefined()
  expect(await check(dag, dag.file([{ cid: dag.raw('x'), size: 1 }]))).toBeUndefined()
})

test('looks at every entry, as many as there may be', async () => {
  const dag = new TestDag()
  const cid = dag.directory([{ name: 'a', cid: dag.directory([{ name: 'b', cid: dag.raw('x'), size: 1 }]) }])
  await expect(check(dag, cid, 2)).resolves.toBeUndefined()
  await expect(check(dag, cid, 1)).rejects.toThrow(LimitExceededError)
  await expect(check(dag, dag.directory([{ name: 'a', cid: dag.directory([{ name: '..', cid: dag.raw('x') }]) }]))).rejects.toThrow(InvalidNameError)
})

test('compares raw files with their links without reading them again', async () => {
  const dag = new TestDag()
  const good = dag.directory([{ name: 'a', cid: dag.raw('xy'), size: 2 }])
  const { blocks } = await staged(dag)
  const reads: string[] = []
  const get = blocks.get.bind(blocks)
  blocks.get = async (cid, options) => {
    reads.push(cid.toString())
    return get(cid, options)
  }
  await checkBundle(blocks, good)
  expect(reads).toEqual([good.toString()])
  await expect(check(dag, dag.directory([{ name: 'a', cid: dag.raw('xy'), size: 1 }]))).rejects.toThrow(InvalidDagError)
})

test('reads a raw file that did not pass through', async () => {
  const dag = new TestDag()
  const cid = dag.directory([{ name: 'a', cid: dag.raw('xy'), size: 1 }])
  const blocks = new MeasuredBlocks({ get: async cid => dag.get(cid), has: async () => true, put: async () => {} })
  expect(await blocks.has(cid)).toBe(true)
  await expect(checkBundle(blocks, cid)).rejects.toThrow(InvalidDagError)
})

test('asks those below how large a block is where they know it', async () => {
  const dag = new TestDag()
  const [file, sizes] = [dag.raw('xy'), [2, 3]]
  const cid = dag.directory([{ name: 'a', cid: file, size: 2 }])
  const reads: string[] = []
  const get = async (cid: CID): Promise<Uint8Array> => {
    reads.push(cid.toString())
    return dag.get(cid)
  }
  const blocks = new MeasuredBlocks({ get, has: async () => true, put: async () => {}, sizeOf: () => sizes.shift() })
  await blocks.put(file, new Uint8Array(9))
  await checkBundle(blocks, cid)
  await expect(checkBundle(blocks, cid)).rejects.toThrow(InvalidDagError)
  expect(reads).toEqual([cid, cid].map(String))
})

test('lets datasets have more entries', () => {
  expect(entriesMaxOf(undefined)).toBe(entriesMax)
  expect(entriesMaxOf({ format: 'cortensor-bundle', version: '1.0', kind: 'note' })).toBe(entriesMax)
  expect(entriesMaxOf({ format: 'cortensor-bundle', version: '1.0', kind: 'dataset' })).toBe(datasetEntriesMax)
})
