import { FsBlockstore } from 'blockstore-fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { isMark, parseBlockFileName, parseBundleFileName, RepositoryPaths, rootText } from '../../src/store/paths.ts'
import { node, raw } from './dags.ts'
import { filesBelow, temporaryDirectory } from './fixtures.ts'

const { cid, bytes } = raw('one')

test('puts a block where blockstore-fs does', async () => {
  const home = await temporaryDirectory()
  const blockstore = new FsBlockstore(join(home, 'blocks'))
  await blockstore.open()
  await blockstore.put(cid, bytes)
  const { file, directory } = new RepositoryPaths(home).block(cid)
  expect(await filesBelow(home)).toEqual([file])
  expect(join(directory, basename(file))).toBe(file)
  expect(parseBlockFileName(basename(file))?.multihash.bytes).toEqual(cid.multihash.bytes)
})

test('reads the names that it gives to files of bundles, and no others', () => {
  const paths = new RepositoryPaths('/home')
  const root = rootText(cid)
  expect(parseBundleFileName(basename(paths.record(root, 12)))).toEqual({ type: 'record', root, revision: 12 })
  expect(parseBundleFileName(basename(paths.car(root)))).toEqual({ type: 'car', root })
  for (const name of ['', root, `${root}.json`, `${root}.x.json`, `${root}.-1.json`, `${root}.1.json.bak`, `../${root}.car`,
    `${root}.${'1'.repeat(16)}.json`, `${root.toUpperCase()}.car`, `b${'a'.repeat(128)}.car`]) {
    expect(parseBundleFileName(name), name).toBeUndefined()
  }
})

test('reads no block from a name that is none', () => {
  for (const name of ['', '.data', 'x.data', 'notes', 'BCIQ.data', `${cid.toString()}.txt`]) {
    expect(parseBlockFileName(name), name).toBeUndefined()
  }
})

test('gives a temp another name each time, and tells marks from them', () => {
  const paths = new RepositoryPaths('/home')
  expect(new Set(Array.from({ length: 100 }, () => paths.newTemp())).size).toBe(100)
  expect(isMark(paths.newMark())).toBe(true)
  expect(isMark(paths.newTemp())).toBe(false)
})

test('has one text for the two versions of a root', () => {
  const root = node([]).cid
  expect(rootText(root.toV0())).toBe(rootText(root))
})
