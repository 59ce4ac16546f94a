import { expect, test } from 'vitest'
import { FileNodes } from '../../src/bundle/file-nodes.ts'
import { partOfFile } from '../../src/bundle/file-part.ts'
import { readBytes } from '../../src/bundle/file.ts'
import { InvalidDagError } from '../../src/errors.ts'
import { keptLinksMax } from '../../src/limits.ts'
import { TestDag } from './dags.ts'
import type { DagReader } from '../../src/bundle/dag-reader.ts'
import type { CID } from 'multiformats/cid'

/** A file of bytes that count up, in two nodes of leaves of one byte each. */
function wideFile (dag: TestDag, leaves: number): { root: CID, nodes: CID[] } {
  const leaf = (value: number): { cid: CID, size: number } => ({ cid: dag.raw(Uint8Array.of(value)), size: 1 })
  const nodes = [0, 1].map(half => dag.file(Array.from({ length: leaves }, (_, at) => leaf(half * leaves + at))))
  return { root: dag.file(nodes.map(cid => ({ cid, size: leaves }))), nodes }
}

test('reads the nodes of a file once, however many parts of it are looked for and read', async () => {
  const dag = new TestDag()
  const { root, nodes } = wideFile(dag, 100)
  const file = { cid: root, position: [], size: 200 }
  const kept = new FileNodes(dag.reader)
  const reader: DagReader = {
    get: async (place, options) => await dag.reader.get(place, options),
    fileNode: async (...asked) => await kept.get(...asked)
  }
  const read = async (at: number): Promise<void> => {
    await partOfFile(reader, file, { start: at, end: at + 2 })
    expect([...await readBytes(reader, file, { offset: at, length: 2 })]).toEqual([at, at + 1])
  }
  // Many at once, as a table is read, and one after the other.
  await Promise.all(Array.from({ length: 100 }, async (_, at) => { await read(at) }))
  for (let at = 100; at < 198; at++) await read(at)
  const inner = [root, ...nodes].map(String)
  expect(dag.reads.filter(cid => inner.includes(cid)).sort()).toEqual(inner.sort())
})

test('forgets those that were not used for longest when together they have more links than are kept', async () => {
  const dag = new TestDag()
  const leaf = dag.raw('x')
  const half = keptLinksMax / 2
  const nodes = new FileNodes(dag.reader)
  const [first, second, third] = [0, 1, 2].map(own => dag.file(Array.from({ length: half }, () => ({ cid: leaf, size: 1 })), Uint8Array.of(own)))
  const read = async (cid: CID | undefined): Promise<void> => {
    if (cid !== undefined) await nodes.get({ cid, position: [] }, {})
  }
  for (const cid of [first, second, first, third, first, third]) await read(cid)
  expect(dag.reads).toEqual([first, second, third].map(String))
  await read(second)
  expect(dag.reads).toHaveLength(4)
  await read(first)
  expect(dag.reads).toHaveLength(5)
})

test('refuses what is no part of a file, each time', async () => {
  const dag = new TestDag()
  const cid = dag.directory([])
  const nodes = new FileNodes(dag.reader)
  for (let time = 0; time < 2; time++) {
    await expect(nodes.get({ cid, position: [] }, {})).rejects.toThrow(InvalidDagError)
  }
})
