import { describe, expect, test } from 'vitest'
import { openRoot, resolvePath, walkTree } from '../../src/bundle/tree.ts'
import { FileNotFoundError, InvalidDagError, InvalidNameError, LimitExceededError } from '../../src/errors.ts'
import { directoryDepthMax } from '../../src/limits.ts'
import { all, TestDag } from './dags.ts'
import type { CID } from 'multiformats/cid'

async function paths (dag: TestDag, cid: CID, entriesMax = 100): Promise<string[]> {
  return (await all(walkTree(dag.reader, await dag.openDirectory(cid), { entriesMax }))).map(({ path }) => path)
}

/** A file below `depth` directories. */
function nested (dag: TestDag, depth: number): CID {
  let cid = dag.directory([{ name: 'f', cid: dag.raw('1'), size: 1 }])
  for (let i = 0; i < depth; i++) cid = dag.directory([{ name: 'd', cid }])
  return cid
}

test('walks depth first, a directory before what it holds', async () => {
  const dag = new TestDag()
  const inner = dag.directory([{ name: 'x', cid: dag.raw('1'), size: 1 }])
  const cid = dag.directory([{ name: 'a', cid: inner }, { name: 'b', cid: dag.raw('22'), size: 2 }, { name: 'c', cid: dag.directory([]) }])
  const entries = await all(walkTree(dag.reader, await dag.openDirectory(cid), { entriesMax: 4 }))
  expect(entries.map(({ path, type, position }) => [path, type, position])).toEqual([
    ['a', 'directory', [0]], ['a/x', 'file', [0, 0]], ['b', 'file', [1]], ['c', 'directory', [2]]
  ])
})

test('reads no leaf whose size its link says, and one whose size it does not say', async () => {
  const dag = new TestDag()
  const [said, unsaid] = [dag.raw('1'), dag.raw('22')]
  const root = await dag.openDirectory(dag.directory([{ name: 'said', cid: said, size: 1 }, { name: 'unsaid', cid: unsaid }]))
  dag.reads.length = 0
  const entries = await all(walkTree(dag.reader, root, { entriesMax: 2 }))
  expect(entries.map(entry => entry.type === 'file' && entry.size)).toEqual([1, 2])
  expect(dag.reads).toEqual([unsaid.toString()])
})

test('walks as many entries as it may, and refuses one more', async () => {
  const dag = new TestDag()
  const cid = dag.directory([{ name: 'a', cid: dag.directory([{ name: 'x', cid: dag.raw('1'), size: 1 }]) }])
  await expect(paths(dag, cid, 2)).resolves.toHaveLength(2)
  await expect(paths(dag, cid, 1)).rejects.toThrow(LimitExceededError)
})

test('walks as deep as a bundle may be, and refuses one more', async () => {
  const dag = new TestDag()
  await expect(paths(dag, nested(dag, directoryDepthMax))).resolves.toHaveLength(directoryDepthMax + 1)
  await expect(paths(dag, nested(dag, directoryDepthMax + 1))).rejects.toThrow(InvalidNameError)
})

test('refuses a tree of 1,000 directories in each other', async () => {
  const dag = new TestDag()
  await expect(paths(dag, nested(dag, 1000), 10_000)).rejects.toThrow(InvalidNameError)
})

test('refuses a path that is too long although its names are not', async () => {
  const dag = new TestDag()
  let cid = dag.directory([{ name: 'f', cid: dag.raw('1'), size: 1 }])
  for (let i = 0; i < 17; i++) cid = dag.directory([{ name: 'n'.repeat(250), cid }])
  await expect(paths(dag, cid)).rejects.toThrow(/longer than 4096 bytes/)
})

test('refuses 2^41 entries made from 41 blocks after as many as a bundle may have', async () => {
  const dag = new TestDag()
  let cid = dag.directory([])
  for (let i = 0; i < 30; i++) cid = dag.directory([{ name: 'a', cid }, { name: 'b', cid }])
  await expect(paths(dag, cid, 10_000)).rejects.toThrow(LimitExceededError)
})

test('refuses a symbolic link', async () => {
  const dag = new TestDag()
  const link = dag.unixfs({ type: 'symlink', data: Buffer.from('/etc/passwd') })
  await expect(paths(dag, dag.directory([{ name: 'a', cid: link }]))).rejects.toThrow(InvalidDagError)
})

test('stops when its signal is aborted', async () => {
  const dag = new TestDag()
  const root = await dag.openDirectory(dag.directory([{ name: 'a', cid: dag.raw('1'), size: 1 }]))
  const reason = new Error('enough')
  await expect(all(walkTree(dag.reader, root, { entriesMax: 9, signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
})

test('opens a file as a root of plain UnixFS', async () => {
  const dag = new TestDag()
  const cid = dag.file([{ cid: dag.raw('abc'), size: 3 }])
  expect(await openRoot(dag.reader, { cid })).toMatchObject({ type: 'file', path: '', size: 3 })
})

describe('finds', () => {
  async function root (dag: TestDag): ReturnType<TestDag['openDirectory']> {
    return dag.openDirectory(dag.directory([
      { name: 'a', cid: dag.directory([{ name: 'b', cid: dag.directory([{ name: 'c', cid: dag.raw('1'), size: 1 }]) }]) },
      { name: 'f', cid: dag.raw('1'), size: 1 }
    ]))
  }

  test.for(['', 'a', 'a/b', 'a/b/c', 'f'])('%j', async path => {
    const dag = new TestDag()
    expect(await resolvePath(dag.reader, await root(dag), path)).toMatchObject({ path })
  })

  test.for(['x', 'a/x', 'a/b/c/d', 'f/x', '/a', 'a/', 'a//b', '.', '..', 'a/..', 'x'.repeat(5000), `a/b${'/d'.repeat(40)}`])(
    'nothing at %j', async path => {
      const dag = new TestDag()
      await expect(resolvePath(dag.reader, await root(dag), path)).rejects.toThrow(FileNotFoundError)
    })
})
