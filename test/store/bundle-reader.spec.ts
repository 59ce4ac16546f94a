import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { expect, test } from 'vitest'
import { CorruptBlockError, NotStoredError } from '../../src/errors.ts'
import { blockKey } from '../../src/store/block-key.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { commit, largeDag, openMemory, smallDag } from './fixtures.ts'

const paths = new RepositoryPaths('/')

test('reads every block of a bundle that the index has lost, whichever it is', async () => {
  for (const dag of [smallDag('small'), largeDag('large', 5, 250_000)]) {
    for (const { cid, bytes } of dag.blocks) {
      const datastore = new MemoryDatastore()
      const lines: string[] = []
      const store = await openMemory({ datastore, log: line => lines.push(line) })
      await commit(store, dag)
      await datastore.delete(new Key(`/block/${blockKey(cid)}`))
      await expect(store.get(cid)).rejects.toThrow(NotStoredError)
      expect(Buffer.from(await store.reader(dag.root).get(cid)).equals(bytes)).toBe(true)
      expect(Buffer.from(await store.get(cid)).equals(bytes)).toBe(true)
      expect(lines.filter(line => line.includes('indexed again'))).toHaveLength(1)
    }
  }
})

test('reads a block again that was out of reach when the index was made', async () => {
  const fileSystem = new MemoryFileSystem()
  const dag = largeDag('large', 5, 250_000)
  const first = await openMemory({ fileSystem })
  await commit(first, dag)
  await first.close()
  const [, { cid, bytes } = expect.fail()] = dag.blocks
  const { file } = paths.block(cid)
  await fileSystem.remove(file)
  const datastore = new MemoryDatastore()
  const second = await openMemory({ fileSystem, datastore })
  await expect(second.reader(dag.root).get(cid)).rejects.toThrow(CorruptBlockError)
  await second.close()
  await fileSystem.writeFile(file, [bytes])
  const third = await openMemory({ fileSystem, datastore })
  expect(Buffer.from(await third.reader(dag.root).get(cid)).equals(bytes)).toBe(true)
  expect(third.isDamaged(dag.root)).toBe(false)
})

test('looks once for a block that is not in the bundle', async () => {
  const lines: string[] = []
  const store = await openMemory({ log: line => lines.push(line) })
  const [dag, other] = [smallDag('one'), smallDag('other')]
  await commit(store, dag)
  const reader = store.reader(dag.root)
  for (let time = 0; time < 3; time++) await expect(reader.get(other.root)).rejects.toThrow(NotStoredError)
  expect(lines.filter(line => line.includes('indexed again'))).toHaveLength(1)
  expect([await reader.has(dag.root), await reader.has(other.root)]).toEqual([true, false])
  await expect(store.reader(other.root).get(other.root)).rejects.toThrow(NotStoredError)
})

test('rejects with the reason of the signal', async () => {
  const store = await openMemory()
  const dag = smallDag('one')
  await commit(store, dag)
  const reason = new Error('enough')
  await expect(store.reader(dag.root).get(dag.root, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})
