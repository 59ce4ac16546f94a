import { join } from 'node:path'
import { MemoryDatastore } from 'datastore-core'
import { LevelDatastore } from 'datastore-level'
import { expect, test } from 'vitest'
import { StorageError } from '../../src/errors.ts'
import { DatastoreIndexDatabase, isIndexError } from '../../src/store/index-database.ts'
import { temporaryDirectory } from './fixtures.ts'

const value = (n: number): Uint8Array => new Uint8Array([n])

for (const kind of ['memory', 'LevelDB']) {
  test(`reads from ${kind} what was written, by key and by prefix`, async () => {
    const datastore = kind === 'memory' ? new MemoryDatastore() : new LevelDatastore(join(await temporaryDirectory(), 'data'))
    if (datastore instanceof LevelDatastore) await datastore.open()
    let closed = false
    const database = new DatastoreIndexDatabase(datastore, async () => {
      closed = true
      if (datastore instanceof LevelDatastore) await datastore.close()
    })
    await database.write([{ key: '/a/1', value: value(1) }, { key: '/a/2', value: value(2) }, { key: '/ab/3', value: value(3) }])
    await database.write([{ key: '/a/1' }, { key: '/a/4', value: value(4) }])
    const values = await database.getMany(['/a/4', '/a/1', '/ab/3'])
    expect(values.map(found => found === undefined ? undefined : [...found])).toEqual([[4], undefined, [3]])
    expect((await Array.fromAsync(database.entries('/a/'))).map(entry => [entry.key, ...entry.value]).sort())
      .toEqual([['/a/2', 2], ['/a/4', 4]])
    await database.close()
    expect(closed).toBe(true)
  })
}

test('says that the index refuses when its database does', async () => {
  const datastore = new LevelDatastore(join(await temporaryDirectory(), 'data'))
  await datastore.open()
  await datastore.close()
  const database = new DatastoreIndexDatabase(datastore)
  for (const work of [() => database.getMany(['/a/1']), () => database.write([{ key: '/a/1' }]), () => Array.fromAsync(database.entries('/a/'))]) {
    const error = await work().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StorageError)
    expect(isIndexError(error)).toBe(true)
  }
  expect(isIndexError(new StorageError('another'))).toBe(false)
})
