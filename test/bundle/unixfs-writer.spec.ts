import { expect, test } from 'vitest'
import { DirectoryEntries } from '../../src/bundle/directory-entries.ts'
import { writeDirectory, writeFile } from '../../src/bundle/unixfs-writer.ts'
import { namesHashedAtOnce } from '../../src/limits.ts'
import { FakeStore } from './fake-store.ts'
import { generateBytes } from './unixfs-cases.ts'
import type { DagLink } from '../../src/bundle/dag-pb-block.ts'

async function * once (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function entriesOf (links: Iterable<[name: string, link: DagLink]>): DirectoryEntries {
  const entries = new DirectoryEntries()
  for (const [name, link] of links) entries.add(name, link)
  return entries
}

test('says how many bytes the blocks below have', async () => {
  const store = new FakeStore()
  const staging = store.stage()
  const small = await writeFile(staging, once(generateBytes(1, 10)))
  expect(small.dagSize).toBe(10)
  const large = await writeFile(staging, once(generateBytes(2, 2 * 1024 * 1024)))
  expect(large.dagSize).toBe(2 * 1024 * 1024 + (await staging.get(large.cid)).byteLength)
  const directory = await writeDirectory(staging, entriesOf([['a', small], ['b', small]]))
  expect(directory.dagSize).toBe(20 + (await staging.get(directory.cid)).byteLength)
})

test('does not mind the order of entries', async () => {
  const staging = new FakeStore().stage()
  const link = await writeFile(staging, once(generateBytes(1, 10)))
  const names = ['b', 'a', 'é', 'B']
  const one = await writeDirectory(staging, entriesOf(names.map(name => [name, link])))
  expect((await writeDirectory(staging, entriesOf(names.toReversed().map(name => [name, link])))).cid.equals(one.cid)).toBe(true)
})

test('rejects with the reason of the signal', async () => {
  const reason = new Error('enough')
  await expect(writeDirectory(new FakeStore().stage(), new DirectoryEntries(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})

test('gives other work its turn while the names of a large directory are hashed, and ends when it is told to', async () => {
  const staging = new FakeStore().stage()
  const link = await writeFile(staging, once(generateBytes(1, 10)))
  const entries = entriesOf(Array.from({ length: 5 * namesHashedAtOnce + 1 }, (_, at) => [`file number ${at}`, link]))
  let turns = 0
  await writeDirectory(staging, entries, { turn: async () => { turns++ } })
  expect(turns).toBe(6)
  const reason = new Error('enough')
  await expect(writeDirectory(staging, entries, { turn: async () => { throw reason } })).rejects.toBe(reason)
})
