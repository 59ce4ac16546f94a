import { MemoryDatastore } from 'datastore-core'
import { expect, test } from 'vitest'
import { BlockIndex } from '../../src/store/block-index.ts'
import type { IndexedBlock } from '../../src/store/index-changes.ts'
import { DatastoreIndexDatabase } from '../../src/store/index-database.ts'
import { blockKey } from '../../src/store/block-key.ts'
import { raw } from './dags.ts'

const [one, two, three] = ['one', 'two', 'three'].map(name => blockKey(raw(name).cid)) as [string, string, string]
const record = new Uint8Array([1])

test('finds blocks of every bundle they are in, and where they are for the first', async () => {
  const { index } = await opened()
  await index.add('a', [block(one, 10, 'car', 7), block(two, 20)], { record, held: false })
  await index.add('b', [block(two, 20, 'elsewhere'), block(three, 30)], { record, held: false })
  expect(await index.find([one, two, three, '1220'])).toEqual([
    { place: 'car', offset: 7, length: 10, root: 'a', shared: false },
    { place: 'file', offset: 0, length: 20, root: 'a', shared: true },
    { place: 'file', offset: 0, length: 30, root: 'b', shared: false },
    undefined
  ])
  expect(await index.belongsToSome(two, root => root === 'b')).toBe(true)
  expect(await index.belongsToSome(one, root => root === 'b')).toBe(false)
  expect(await index.belongsToSome('1220', () => true)).toBe(false)
})

test('lists bundles and their blocks', async () => {
  const { index } = await opened()
  await index.add('a', [block(one, 10), block(two, 20)], { record, held: false })
  await index.add('empty', [], { record, held: false })
  expect(await Array.fromAsync(index.bundles())).toEqual([{ root: 'a', record }, { root: 'empty', record }])
  expect(await Array.fromAsync(index.blocksOf('a'))).toEqual([[{ key: one, length: 10 }, { key: two, length: 20 }]])
  expect((await Array.fromAsync(index.blocksOf('empty'))).flat()).toEqual([])
})

test('keeps a list in parts that is longer than one part', async () => {
  const { index } = await opened()
  const blocks = Array.from({ length: 4097 }, (_, at) => block(at.toString(16).padStart(68, '0'), 1))
  await index.add('a', blocks, { record, held: true })
  const parts = await Array.fromAsync(index.blocksOf('a'))
  expect(parts.map(part => part.length)).toEqual([4096, 1])
  expect(index.usage).toEqual({ bytes: 4097, heldBytes: 4097 })
  await index.remove('a')
  expect(await Array.fromAsync(index.blocksOf('a'))).toEqual([])
  expect((await index.find(blocks.map(({ key }) => key))).every(home => home === undefined)).toBe(true)
})

test('counts a block once, and as held while one of its bundles is', async () => {
  const { index, held } = await opened()
  await index.add('a', [block(one, 10), block(two, 20)], { record, held: false })
  expect(index.usage).toEqual({ bytes: 30, heldBytes: 0 })
  await index.add('b', [block(two, 20), block(three, 30)], { record, held: true })
  held.add('b')
  expect(index.usage).toEqual({ bytes: 60, heldBytes: 50 })
  await index.changeRecord('a', record, true)
  held.add('a')
  expect(index.usage).toEqual({ bytes: 60, heldBytes: 60 })
  await index.changeRecord('b', record, false)
  held.delete('b')
  expect(index.usage).toEqual({ bytes: 60, heldBytes: 30 })
  await index.recount()
  expect(index.usage).toEqual({ bytes: 60, heldBytes: 30 })
})

test('adding a bundle again changes nothing in what is found', async () => {
  const { index } = await opened()
  await index.add('a', [block(one, 10), block(two, 20)])
  expect(await Array.fromAsync(index.bundles())).toEqual([])
  expect(index.usage.bytes).toBe(0)
  await index.add('b', [block(two, 20)], { record, held: false })
  const before = await index.find([one, two])
  await index.add('a', [block(one, 10), block(two, 20)], { record, held: false })
  expect(await index.find([one, two])).toEqual(before)
  expect(await Array.fromAsync(index.bundles())).toHaveLength(2)
})

test('hands a block on when the bundle goes that had it first', async () => {
  const { index } = await opened()
  await index.add('a', [block(one, 10, 'car'), block(two, 20)], { record, held: false })
  await index.add('b', [block(one, 10, 'elsewhere')], { record, held: false })
  await index.add('c', [block(one, 10, 'car', 5)], { record, held: false })
  await index.remove('a')
  const [first, second] = await index.find([one, two])
  expect(first).toMatchObject({ root: 'c', place: 'car', offset: 5 })
  expect(second).toBeUndefined()
  expect(await index.belongsToSome(one, root => root === 'b')).toBe(true)
  expect(await index.belongsToSome(one, root => root === 'a')).toBe(false)
  await index.remove('b')
  await index.remove('c')
  expect(await index.find([one])).toEqual([undefined])
})

test('takes a bundle that has a block in place of one that lost it', async () => {
  const { index } = await opened()
  await index.add('a', [block(one, 10, 'elsewhere')], { record, held: false })
  await index.add('b', [block(one, 10, 'car', 9)], { record, held: false })
  expect(await index.find([one])).toEqual([{ place: 'car', offset: 9, length: 10, root: 'b', shared: true }])
  expect(await index.belongsToSome(one, root => root === 'a')).toBe(true)
})

test('opens with its totals, and is emptied when its layout is not known', async () => {
  const { index, datastore } = await opened()
  await index.add('a', [block(one, 10)], { record, held: true })
  const database = new DatastoreIndexDatabase(datastore)
  const again = new BlockIndex(database, () => true)
  expect(await again.open()).toBe(true)
  expect(again.usage).toEqual({ bytes: 10, heldBytes: 10 })
  await database.write([{ key: '/meta/schema', value: Buffer.from('0') }])
  const anew = new BlockIndex(database, () => true)
  expect(await anew.open()).toBe(false)
  expect(await anew.find([one])).toEqual([undefined])
  expect(await Array.fromAsync(anew.bundles())).toEqual([])
  expect(await new BlockIndex(database, () => true).open()).toBe(true)
})

function block (key: string, length: number, place: IndexedBlock['place'] = 'file', offset = 0): IndexedBlock {
  return { key, length, place, offset }
}

async function opened (): Promise<{ index: BlockIndex, held: Set<string>, datastore: MemoryDatastore }> {
  const held = new Set<string>()
  const datastore = new MemoryDatastore()
  const index = new BlockIndex(new DatastoreIndexDatabase(datastore), root => held.has(root))
  expect(await index.open()).toBe(false)
  return { index, held, datastore }
}
