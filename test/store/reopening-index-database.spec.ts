import { MemoryDatastore } from 'datastore-core'
import { expect, test } from 'vitest'
import { StorageError } from '../../src/errors.ts'
import { DatastoreIndexDatabase } from '../../src/store/index-database.ts'
import type { IndexDatabase } from '../../src/store/index-database.ts'
import { ReopeningIndexDatabase } from '../../src/store/reopening-index-database.ts'

const one = [{ key: '/a/1', value: new Uint8Array([1]) }]
const refusal = new StorageError('full', { code: 'ENOSPC' })

/** A database over shared data that refuses to write from the moment when it is told to, for ever. */
class Stubborn implements IndexDatabase {
  refuses = false
  isClosed = false
  readonly #below: DatastoreIndexDatabase

  constructor (datastore: MemoryDatastore) {
    this.#below = new DatastoreIndexDatabase(datastore)
  }

  getMany: IndexDatabase['getMany'] = keys => this.#below.getMany(keys)
  entries: IndexDatabase['entries'] = prefix => this.#below.entries(prefix)
  write: IndexDatabase['write'] = async changes => this.refuses ? Promise.reject(refusal) : this.#below.write(changes)
  close: IndexDatabase['close'] = async () => { this.isClosed = true }
}

interface Opened { database: ReopeningIndexDatabase, made: Stubborn[], disk: { isFull: boolean, refuses: boolean } }

function opened (): Opened {
  const datastore = new MemoryDatastore()
  const made = [new Stubborn(datastore)]
  const disk = { isFull: false, refuses: false }
  const database = new ReopeningIndexDatabase(made[0] ?? expect.fail(), {
    canOpen: async () => !disk.isFull,
    open: async () => {
      if (disk.refuses) throw refusal
      made.push(new Stubborn(datastore))
      return made.at(-1) ?? expect.fail()
    }
  })
  return { database, made, disk }
}

test('passes everything on as long as nothing fails', async () => {
  const { database, made } = opened()
  await database.write(one)
  expect(await database.getMany(['/a/1', '/a/2'])).toEqual([new Uint8Array([1]), undefined])
  expect(await Array.fromAsync(database.entries('/a/'))).toEqual([{ key: '/a/1', value: new Uint8Array([1]) }])
  await database.close()
  expect(made.map(({ isClosed }) => isClosed)).toEqual([true])
})

test('goes on with a database that refused one write and takes the next', async () => {
  const { database, made } = opened()
  if (made[0] !== undefined) made[0].refuses = true
  await expect(database.write(one)).rejects.toBe(refusal)
  if (made[0] !== undefined) made[0].refuses = false
  await database.write(one)
  if (made[0] !== undefined) made[0].refuses = true
  await expect(database.write(one)).rejects.toBe(refusal)
  expect(made).toHaveLength(1)
  expect(database.hasRefused).toBe(true)
})

test('opens the database anew when it refuses to write again, once for all who write', async () => {
  const { database, made } = opened()
  if (made[0] !== undefined) made[0].refuses = true
  await expect(database.write(one)).rejects.toBe(refusal)
  expect(await database.getMany(['/a/1'])).toEqual([undefined])
  await Promise.all([database.write(one), database.write(one), database.write(one)])
  expect(made.map(({ isClosed }) => isClosed)).toEqual([true, false])
  expect(await database.getMany(['/a/1'])).toEqual([new Uint8Array([1])])
})

test('closes nothing while there is no room for another one, and reads on', async () => {
  const { database, made, disk } = opened()
  await database.write(one)
  disk.isFull = true
  if (made[0] !== undefined) made[0].refuses = true
  for (let time = 0; time < 3; time++) await expect(database.write(one)).rejects.toBe(refusal)
  expect(await database.getMany(['/a/1'])).toEqual([new Uint8Array([1])])
  expect(made[0]?.isClosed).toBe(false)
  disk.isFull = false
  await database.write(one)
  expect(made).toHaveLength(2)
})

test('tries again with whatever comes when it could not be opened', async () => {
  const { database, made, disk } = opened()
  await database.write(one)
  if (made[0] !== undefined) made[0].refuses = true
  await expect(database.write(one)).rejects.toBe(refusal)
  disk.refuses = true
  await expect(database.write(one)).rejects.toBe(refusal)
  await expect(database.getMany(['/a/1'])).rejects.toBe(refusal)
  disk.refuses = false
  expect(await database.getMany(['/a/1'])).toEqual([new Uint8Array([1])])
  expect(await Array.fromAsync(database.entries('/a/'))).toHaveLength(1)
  expect(made).toHaveLength(2)
})
