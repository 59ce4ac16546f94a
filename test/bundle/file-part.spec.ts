import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import { readBytes } from '../../src/bundle/file.ts'
import { partOfFile } from '../../src/bundle/file-part.ts'
import { InvalidDagError } from '../../src/errors.ts'
import { rawCodec } from '../../src/format/dag-links.ts'
import { DagWalk } from '../../src/format/dag-walk.ts'
import { fileTree, TestDag } from './dags.ts'
import type { DagPart } from '../../src/bundle/dag-reader.ts'

/** The blocks of a part, those on the way to it left out. */
async function blocksIn (dag: TestDag, root: CID, { from, to }: DagPart): Promise<string[]> {
  const walk = new DagWalk(root, { from, to, since: from })
  const found: string[] = []
  for (let step = walk.next(); step !== undefined; step = walk.next()) {
    if (step.wanted) found.push(step.cid.toString())
    walk.supply(await dag.get(step.cid))
  }
  return found
}

const range = fc.tuple(fc.nat(79), fc.nat(79)).map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) + 1 }))

test('has every block that a range needs, and no leaf beside it', async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 80, maxLength: 80 }), range, async (content, { start, end }) => {
    const dag = new TestDag()
    const root = fileTree(dag, content)
    const file = { cid: root, position: [], size: content.length }
    const part = await partOfFile(dag.reader, file, { start, end })
    const found = await blocksIn(dag, root, part)
    dag.reads.length = 0
    await readBytes(dag.reader, file, { offset: start, length: end - start })
    const needed = new Set(dag.reads)
    const leaves = [...needed].filter(cid => isRaw(cid))
    expect(found).toEqual(expect.arrayContaining(leaves))
    // Blocks that are the same stand in one place.
    expect(found.filter(cid => isRaw(cid) && !needed.has(cid))).toEqual([])
  }))
})

test('reads nothing but the way to the first and the last block', async () => {
  const dag = new TestDag()
  const leaves = Array.from({ length: 90 }, (_, i) => dag.raw(`leaf ${10 + i}`))
  const inner = [0, 1, 2].map(i => dag.file(leaves.slice(30 * i, 30 * i + 30).map(cid => ({ cid, size: 7 }))))
  const root = dag.file(inner.map(cid => ({ cid, size: 210 })))
  const part = await partOfFile(dag.reader, { cid: root, position: [4] }, { start: 7 * 5 + 1, end: 7 * 70 + 3 })
  expect(part).toEqual({ from: [4, 0, 5], to: [4, 2, 10, 0], mode: 'all', leafBytes: 7 })
  expect(new Set(dag.reads)).toEqual(new Set([root, inner[0], inner[2]].map(String)))
})

test('is one block for a file that is one', async () => {
  const dag = new TestDag()
  expect(await partOfFile(dag.reader, { cid: dag.raw('x'), position: [1] }, { start: 0, end: 1 })).toEqual({ from: [1], to: [1, 0], mode: 'all' })
  expect(dag.reads).toEqual([])
})

test('refuses what is no part of a file', async () => {
  const dag = new TestDag()
  const directory = dag.directory([])
  await expect(partOfFile(dag.reader, { cid: directory, position: [] }, { start: 0, end: 1 })).rejects.toThrow(InvalidDagError)
})

function isRaw (cid: string): boolean {
  return CID.parse(cid).code === rawCodec
}
