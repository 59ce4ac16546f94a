import { MemoryDatastore } from 'datastore-core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DatastoreIndexDatabase } from '../../src/store/index-database.ts'
import { MemoryIndexDatabase } from '../../src/store/memory-index-database.ts'
import type { IndexDatabase } from '../../src/store/index-database.ts'

const key = fc.oneof(
  fc.constantFrom('a', 'b', 'c').map(name => `/block/${name}`),
  fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('x', 'y', 'z')).map(([block, root]) => `/share/${block}/${root}`),
  fc.tuple(fc.constantFrom('x', 'y'), fc.integer({ min: 0, max: 12 })).map(([root, part]) => `/list/${root}/${String(part).padStart(8, '0')}`)
)
const change = fc.record({ key, value: fc.option(fc.uint8Array({ minLength: 1, maxLength: 4 }), { nil: undefined }) })
  .map(({ key, value }) => value === undefined ? { key } : { key, value })
const prefixes = ['/block/', '/share/', '/share/a/', '/share/b/', '/share/c/', '/list/', '/list/x/', '/list/y/', '/meta/']

test('answers as a datastore does, whatever was written and removed, and in the order of the keys', async () => {
  const batch = fc.uniqueArray(change, { selector: ({ key }) => key, maxLength: 12 })
  await fc.assert(fc.asyncProperty(fc.array(batch, { maxLength: 8 }), async writes => {
    const memory = new MemoryIndexDatabase()
    const other = new DatastoreIndexDatabase(new MemoryDatastore())
    for (const changes of writes) {
      await memory.write(changes)
      await other.write(changes)
    }
    const keys = writes.flat().map(({ key }) => key)
    expect(plain(await memory.getMany(keys))).toEqual(plain(await other.getMany(keys)))
    for (const prefix of prefixes) {
      const found = await list(memory, prefix)
      expect(found).toEqual((await list(other, prefix)).sort())
      expect(found).toEqual([...found].sort())
    }
  }))
})

test('lets go of everything when it is closed', async () => {
  const memory = new MemoryIndexDatabase()
  await memory.write([{ key: '/block/a', value: new Uint8Array([1]) }])
  await memory.close()
  expect(await memory.getMany(['/block/a'])).toEqual([undefined])
})

async function list (database: IndexDatabase, prefix: string): Promise<string[]> {
  return (await Array.fromAsync(database.entries(prefix))).map(({ key, value }) => `${key}=${value.join()}`)
}

function plain (values: readonly (Uint8Array | undefined)[]): (number[] | undefined)[] {
  return values.map(value => value === undefined ? undefined : [...value])
}
