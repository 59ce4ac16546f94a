import { MemoryDatastore } from 'datastore-core'
import fc from 'fast-check'
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
  await index.add('a', [block(one, 10, 'car', 7), block(two, 20)], { record, isKept: false })
  await index.add('b', [block(two, 20, 'elsewhere'), block(three, 30)], { record, isKept: false })
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
  await index.add('a', [block(one, 10), block(two, 20)], { record, isKept: false })
  await index.add('empty', [], { record, isKept: false })
  expect(await Array.fromAsync(index.bundles())).toEqual([{ root: 'a', record }, { root: 'empty', record }])
  expect(await Array.fromAsync(index.blocksOf('a'))).toEqual([[{ key: one, length: 10 }, { key: two, length: 20 }]])
  expect((await Array.fromAsync(index.blocksOf('empty'))).flat()).toEqual([])
})

test('keeps a list in parts that is longer than one part', async () => {
  const { index } = await opened()
  const blocks = Array.from({ length: 4097 }, (_, at) => block(at.toString(16).padStart(68, '0'), 1))
  await index.add('a', blocks, { record, isKept: true })
  const parts = await Array.fromAsync(index.blocksOf('a'))
  expect(parts.map(part => part.length)).toEqual([...Array<number>(64).fill(64), 1])
  expect([await index.countOf('a'), await index.countOf('b')]).toEqual([4097, 0])
  expect(index.usage).toEqual({ bytes: 4097, keptBytes: 4097, at: 0 })
  await index.forget('a')
  expect(index.usage).toEqual({ bytes: 0, keptBytes: 0, at: 0 })
  expect(await Array.fromAsync(index.blocksOf('a'))).toEqual([])
  expect((await index.find(blocks.map(({ key }) => key))).every(home => home === undefined)).toBe(true)
})

test('counts a block once, and as kept while one of its bundles is', async () => {
  const { index } = await opened()
  const totals = (): number[] => [index.usage.bytes, index.usage.keptBytes]
  await index.add('a', [block(one, 10), block(two, 20)], { record, isKept: false })
  expect(totals()).toEqual([30, 0])
  await index.add('b', [block(two, 20), block(three, 30)], { record, isKept: true })
  expect(totals()).toEqual([60, 50])
  await index.setKept('a', true)
  await index.setKept('a', true)
  expect(totals()).toEqual([60, 60])
  await index.setKept('b', false)
  expect(totals()).toEqual([60, 30])
  expect([index.isKept('a'), index.isKept('b')]).toEqual([true, false])
  await index.recount(['a'], 9)
  expect(index.usage).toEqual({ bytes: 60, keptBytes: 30, at: 9 })
  await index.recount()
  expect(index.usage).toEqual({ bytes: 60, keptBytes: 30, at: 9 })
  expect([await index.ownBytesOf('a'), await index.ownBytesOf('b')]).toEqual([10, 30])
  await index.forget('a')
  expect(totals()).toEqual([50, 0])
  expect([await index.ownBytesOf('a'), await index.ownBytesOf('b')]).toEqual([0, 50])
})

test('counts for random bundles what a count of all of them says, whatever comes, goes, is kept and is not', async () => {
  const keys = Array.from({ length: 6 }, (_, at) => blockKey(raw(`block ${at}`).cid))
  const step = fc.record({ root: fc.constantFrom('a', 'b', 'c', 'd'), picks: fc.uniqueArray(fc.nat(5), { minLength: 1 }), isKept: fc.boolean(), goes: fc.boolean() })
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 12 }), async steps => {
    const { index } = await opened()
    const bundles = new Map<string, { keys: string[], isKept: boolean }>()
    for (const { root, picks, isKept, goes } of steps) {
      const known = bundles.get(root)
      if (known === undefined) {
        await index.add(root, picks.map(at => block(keys[at] ?? '', at + 1)), { record, isKept })
        bundles.set(root, { keys: picks.map(at => keys[at] ?? ''), isKept })
      } else if (goes) {
        const lasts = (await Array.fromAsync(index.remove(root))).flat().filter(({ isLast }) => isLast).map(({ key }) => key)
        bundles.delete(root)
        const others = new Set([...bundles.values()].flatMap(({ keys }) => keys))
        expect(new Set(lasts)).toEqual(new Set(known.keys.filter(key => !others.has(key))))
      } else {
        await index.setKept(root, isKept)
        known.isKept = isKept
      }
    }
    const counted = index.usage
    await index.recount([...bundles].filter(([, { isKept }]) => isKept).map(([root]) => root), 0)
    expect(counted).toEqual(index.usage)
    const all = new Set([...bundles.values()].flatMap(({ keys }) => keys))
    expect((await index.find(keys)).map(home => home !== undefined)).toEqual(keys.map(key => all.has(key)))
  }))
})

test('keeps a file while a bundle has it, and says so', async () => {
  const { index } = await opened()
  await index.add('a', [block(one, 10, 'car', 7)], { record, isKept: false })
  await index.add('b', [block(one, 10)], { record, isKept: false })
  expect(await index.hasFile(one)).toBe(true)
  expect((await Array.fromAsync(index.remove('b'))).flat()).toEqual([{ key: one, length: 10, place: 'file', isLast: false }])
  expect(await index.hasFile(one)).toBe(false)
  await index.moveToFiles([one])
  expect(await index.hasFile(one)).toBe(true)
  expect(await index.ownersOf(one)).toEqual(['a'])
})

test('keeps notes', async () => {
  const { index } = await opened()
  expect(await index.note('one')).toBeUndefined()
  await index.writeNote('one', 'text')
  expect(await index.note('one')).toBe('text')
})

test('adding a bundle again changes nothing in what is found', async () => {
  const { index } = await opened()
  await index.add('a', [block(one, 10), block(two, 20)])
  expect(await Array.fromAsync(index.bundles())).toEqual([])
  expect(index.usage.bytes).toBe(0)
  await index.add('b', [block(two, 20)], { record, isKept: false })
  const before = await index.find([one, two])
  await index.add('a', [block(one, 10), block(two, 20)], { record, isKept: false })
  expect(await index.find([one, two])).toEqual(before)
  expect(await Array.fromAsync(index.bundles())).toHaveLength(2)
})

test('hands a block on when the bundle goes that had it first', async () => {
  const { index } = await opened()
  await index.add('a', [block(one, 10, 'car'), block(two, 20)], { record, isKept: false })
  await index.add('b', [block(one, 10, 'elsewhere')], { record, isKept: false })
  await index.add('c', [block(one, 10, 'car', 5)], { record, isKept: false })
  await index.forget('a')
  const [first, second] = await index.find([one, two])
  expect(first).toMatchObject({ root: 'c', place: 'car', offset: 5 })
  expect(second).toBeUndefined()
  expect(await index.belongsToSome(one, root => root === 'b')).toBe(true)
  expect(await index.belongsToSome(one, root => root === 'a')).toBe(false)
  await index.forget('b')
  await index.forget('c')
  expect(await index.find([one])).toEqual([undefined])
})

test('takes a bundle that has a block in place of one that lost it', async () => {
  const { index } = await opened()
  await index.add('a', [block(one, 10, 'elsewhere')], { record, isKept: false })
  await index.add('b', [block(one, 10, 'car', 9)], { record, isKept: false })
  expect(await index.find([one])).toEqual([{ place: 'car', offset: 9, length: 10, root: 'b', shared: true }])
  expect(await index.belongsToSome(one, root => root === 'a')).toBe(true)
})

test('opens with its totals, and is emptied when its layout is not known', async () => {
  const { index, datastore } = await opened()
  await index.add('a', [block(one, 10)], { record, isKept: true })
  const database = new DatastoreIndexDatabase(datastore)
  const again = new BlockIndex(database)
  expect(await again.open()).toBe(true)
  expect(again.usage).toEqual({ bytes: 10, keptBytes: 10, at: 0 })
  await database.write([{ key: '/meta/schema', value: Buffer.from('0') }])
  const anew = new BlockIndex(database)
  expect(await anew.open()).toBe(false)
  expect(await anew.find([one])).toEqual([undefined])
  expect(await Array.fromAsync(anew.bundles())).toEqual([])
  expect(await new BlockIndex(database).open()).toBe(true)
})

function block (key: string, length: number, place: IndexedBlock['place'] = 'file', offset = 0): IndexedBlock {
  return { key, length, place, offset }
}

async function opened (): Promise<{ index: BlockIndex, datastore: MemoryDatastore }> {
  const datastore = new MemoryDatastore()
  const index = new BlockIndex(new DatastoreIndexDatabase(datastore))
  expect(await index.open()).toBe(false)
  return { index, datastore }
}
