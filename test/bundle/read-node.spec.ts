import { expect, test } from 'vitest'
import { readNode } from '../../src/bundle/read-node.ts'
import { directoryCacheLinksMax } from '../../src/limits.ts'
import { TestDag } from './dags.ts'
import type { CID } from 'multiformats/cid'

const at = (cid: CID): { cid: CID, position: number[] } => ({ cid, position: [] })

test('reads a directory once, and a file each time', async () => {
  const dag = new TestDag()
  const file = dag.raw('content')
  const directory = dag.directory([{ name: 'a', cid: file }])
  const first = await readNode(dag.reader, at(directory))
  expect(await readNode(dag.reader, at(directory))).toBe(first)
  expect(dag.reads).toEqual([directory.toString()])
  await readNode(dag.reader, at(file))
  await readNode(dag.reader, at(file))
  expect(dag.reads).toEqual([directory, file, file].map(String))
})

test('keeps directories up to the bound, those read last', async () => {
  const dag = new TestDag()
  const file = dag.raw('content')
  const quarter = (prefix: string): CID => dag.directory(
    Array.from({ length: directoryCacheLinksMax / 4 - 1 }, (_, i) => ({ name: `${prefix}${i}`, cid: file })))
  const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map(quarter)
  const read = async (...cids: (CID | undefined)[]): Promise<number> => {
    dag.reads.length = 0
    for (const cid of cids) await readNode(dag.reader, at(cid ?? file))
    return dag.reads.length
  }
  expect(await read(a, b, c, d)).toBe(4)
  expect(await read(a, b, c, d)).toBe(0)
  expect(await read(e)).toBe(1)
  expect(await read(b, c, d, e)).toBe(0)
  expect(await read(a)).toBe(1)
})

test('keeps no directory for who comes to each of them once, and looks for none', async () => {
  const dag = new TestDag()
  const directory = dag.directory([])
  await readNode(dag.reader, at(directory), { keep: false })
  await readNode(dag.reader, at(directory))
  await readNode(dag.reader, at(directory))
  expect(dag.reads).toHaveLength(2)
  await readNode(dag.reader, at(directory), { keep: false })
  expect(dag.reads).toHaveLength(3)
})

test('keeps nothing of one reader for another', async () => {
  const dag = new TestDag()
  const directory = dag.directory([])
  await readNode(dag.reader, at(directory))
  await readNode({ get: async ({ cid }) => dag.get(cid) }, at(directory))
  expect(dag.reads).toHaveLength(2)
})

test('rejects with the reason of the signal, also when the directory is there', async () => {
  const dag = new TestDag()
  const directory = dag.directory([])
  await readNode(dag.reader, at(directory))
  const reason = new Error('enough')
  await expect(readNode(dag.reader, at(directory), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})
