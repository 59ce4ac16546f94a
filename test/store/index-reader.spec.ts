import { MemoryDatastore } from 'datastore-core'
import { expect, test } from 'vitest'
import { BlockIndex } from '../../src/store/block-index.ts'
import { DatastoreIndexDatabase } from '../../src/store/index-database.ts'
import { IndexReader } from '../../src/store/index-reader.ts'

const record = new Uint8Array([1])

test('reads what was written by another', async () => {
  const database = new DatastoreIndexDatabase(new MemoryDatastore())
  const index = new BlockIndex(database)
  await index.open()
  const block = { key: '1220aa', length: 9, offset: 0 } as const
  await index.add('a', [{ ...block, place: 'car', offset: 4 }], { record, isKept: false })
  await index.add('b', [{ ...block, place: 'elsewhere' }], { record, isKept: false })
  const reader = new IndexReader(database)
  expect(await reader.ownersOf('1220aa')).toEqual(['a', 'b'])
  expect(await reader.ownersOf('1220bb')).toEqual([])
  expect((await reader.sharesOf('b', ['1220aa', '1220bb'])).map(share => share?.place)).toEqual(['elsewhere', undefined])
  expect(await reader.heir('1220aa', 'a')).toMatchObject({ root: 'b', place: 'elsewhere' })
  expect(await reader.heir('1220aa', 'b')).toBeUndefined()
  expect(await reader.hasFile('1220aa')).toBe(false)
  expect([await reader.ownBytesOf('a'), await reader.ownBytesOf('b')]).toEqual([0, 0])
  expect(await reader.note('nothing')).toBeUndefined()
})
