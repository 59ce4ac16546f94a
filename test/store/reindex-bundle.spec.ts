import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { expect, test } from 'vitest'
import { blockKey } from '../../src/store/block-key.ts'
import { isIndexed, reindexBundle } from '../../src/store/reindex-bundle.ts'
import { commit, largeDag, makeParts, openMemory, smallDag } from './fixtures.ts'

test('says that a bundle is indexed when every block of it can be found', async () => {
  const parts = await makeParts()
  const block = { key: blockKey(smallDag('one').root), place: 'file', offset: 0, length: 2 } as const
  await parts.index.add('a', [block], { record: new Uint8Array([1]), isKept: false })
  expect(await isIndexed(parts, 'a')).toBe(false)
  parts.records.set('a', { bundle: { ...await stored(), blocks: 1 }, revision: 1, carBlocks: 0, unknown: {} })
  expect(await isIndexed(parts, 'a')).toBe(true)
  parts.records.set('a', { bundle: { ...await stored(), blocks: 2 }, revision: 1, carBlocks: 0, unknown: {} })
  expect(await isIndexed(parts, 'a')).toBe(false)
})

test('indexes no bundle that is not listed', async () => {
  expect(await reindexBundle(await makeParts(), 'a')).toBe(false)
})

test('lets verify find what the index lost, and call none of it damaged', async () => {
  for (const dag of [smallDag('small'), largeDag('large', 5, 250_000)]) {
    for (const lost of [[`/block/${blockKey(dag.root)}`], dag.blocks.map(({ cid }) => `/block/${blockKey(cid)}`), [`/list/${dag.root.toString()}/00000000`]]) {
      const datastore = new MemoryDatastore()
      const store = await openMemory({ datastore })
      await commit(store, dag)
      for (const key of lost) await datastore.delete(new Key(key))
      expect(await store.verify(undefined)).toMatchObject({ bundles: 1, blocks: dag.blocks.length, damaged: [] })
      for (const { cid, bytes } of dag.blocks) expect(Buffer.from(await store.get(cid)).equals(bytes)).toBe(true)
    }
  }
})

async function stored (): Promise<Awaited<ReturnType<typeof commit>>> {
  return commit(await openMemory(), smallDag('any'))
}
