import { expect, test, vi } from 'vitest'
import { blockKey } from '../../src/store/block-key.ts'
import { KeptHomes } from '../../src/store/kept-homes.ts'
import type { RecordFile } from '../../src/store/record-file.ts'
import { commit, makeParts, openMemory, recordOf, smallDag } from './fixtures.ts'

const dag = smallDag('one')
const record = new Uint8Array([1])
const listed: RecordFile = { bundle: { ...recordOf(dag.root), bytes: 1, blocks: 1 }, revision: 1, carBlocks: 0, unknown: {} }
const keys = dag.blocks.map(({ cid }) => blockKey(cid))
const [first = ''] = keys

test('finds blocks and keeps their bundles until it is released', async () => {
  const parts = await makeParts()
  await parts.index.add('a', keys.map(key => ({ key, place: 'car', offset: 1, length: 2 })), { record, isKept: false })
  parts.records.set('a', listed)
  const homes = new KeptHomes(parts)
  expect((await homes.find([...keys, '1220ff'])).map(home => home?.root)).toEqual([...keys.map(() => 'a'), undefined])
  expect(parts.keeps.has('a')).toBe(true)
  await homes.find(keys)
  homes.release()
  expect(parts.keeps.has('a')).toBe(false)
})

test('asks the index once for those that are asked for together', async () => {
  const parts = await makeParts()
  await parts.index.add('a', keys.map(key => ({ key, place: 'car', offset: 1, length: 2 })), { record, isKept: false })
  parts.records.set('a', listed)
  const find = vi.spyOn(parts.index, 'find')
  const homes = new KeptHomes(parts)
  const found = await Promise.all([...keys, '1220ff'].map(async key => await homes.findOne(key)))
  expect(found.map(home => home?.root)).toEqual([...keys.map(() => 'a'), undefined])
  expect(find).toHaveBeenCalledTimes(1)
})

test('waits for a bundle that is being removed, and does not find what went with it', async () => {
  const parts = await makeParts()
  await parts.index.add('a', [{ key: first, place: 'file', offset: 0, length: 2 }], { record, isKept: false })
  const gate = Promise.withResolvers<undefined>()
  const removing = parts.roots.run('a', async () => {
    await gate.promise
    await parts.index.forget('a')
  })
  const finding = new KeptHomes(parts).find([first])
  gate.resolve(undefined)
  expect(await finding).toEqual([undefined])
  await removing
})

test('finds a block with the bundle that has it when its first one went', async () => {
  const parts = await makeParts()
  for (const root of ['a', 'b']) await parts.index.add(root, [{ key: first, place: 'file', offset: 0, length: 2 }], { record, isKept: false })
  parts.records.set('b', listed)
  const removing = parts.roots.run('a', () => parts.index.forget('a'))
  expect((await new KeptHomes(parts).find([first]))[0]?.root).toBe('b')
  expect([parts.keeps.has('a'), parts.keeps.has('b')]).toEqual([false, true])
  await removing
})

test('takes what the index says of a bundle that is not listed for nothing', async () => {
  const parts = await makeParts()
  await parts.index.add('a', [{ key: first, place: 'file', offset: 0, length: 2 }], { record, isKept: false })
  expect(await new KeptHomes(parts).find([first])).toEqual([undefined])
  expect(await new KeptHomes(parts).find([first], 'a')).toEqual([undefined])
})

test('does not find a block that is lost or damaged: it has to come again', async () => {
  const parts = await makeParts()
  const [, second = '', third = ''] = keys
  await parts.index.add('a', [
    { key: first, place: 'elsewhere', offset: 0, length: 2 }, { key: second, place: 'file', offset: 0, length: 2 },
    { key: third, place: 'file', offset: 0, length: 2 }
  ], { record, isKept: false })
  parts.records.set('a', listed)
  parts.damage.add(second, { cid: dag.blocks[1]?.cid ?? expect.fail(), path: '/x', what: 'is missing', roots: ['a'] })
  expect((await new KeptHomes(parts).find([first, second, third])).map(home => home !== undefined)).toEqual([false, false, true])
})

test('lets a bundle be published over and over while another one links it and it is collected', async () => {
  const store = await openMemory()
  for (let round = 0; round < 20; round++) {
    await commit(store, dag, { holds: [] })
    const staging = store.stage()
    const isThere = await staging.has(dag.root)
    const [collected] = await Promise.all([store.collect(), staging.has(dag.root)])
    expect(collected.bundles).toBe(isThere ? 0 : 1)
    await staging.discard()
  }
})
