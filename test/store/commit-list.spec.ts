import { expect, test } from 'vitest'
import { blockBytesMax } from '../../src/limits.ts'
import { blockKey } from '../../src/store/block-key.ts'
import { CommitList } from '../../src/store/commit-list.ts'
import { raw } from './dags.ts'

test('gives blocks as they are indexed, and counts their bytes', () => {
  const list = new CommitList()
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(name => raw(name).cid) as [ReturnType<typeof raw>['cid'], ...ReturnType<typeof raw>['cid'][]]
  if (b === undefined || c === undefined || d === undefined) throw new Error('four blocks')
  list.add({ cid: a, place: 'car', length: 1 })
  list.add({ cid: b, place: 'file', length: blockBytesMax })
  list.add({ cid: c, place: 'file', length: 0 })
  list.add({ cid: d, place: 'elsewhere', length: 3 })
  list.locate(blockKey(a), 97)
  const inOrder = (one: { key: string }, other: { key: string }): number => one.key < other.key ? -1 : 1
  const files = [
    { key: blockKey(b), place: 'file', length: blockBytesMax, offset: 0 },
    { key: blockKey(c), place: 'file', length: 0, offset: 0 }
  ]
  expect([...list]).toEqual([
    { key: blockKey(a), place: 'car', length: 1, offset: 97 },
    { key: blockKey(d), place: 'elsewhere', length: 3, offset: 0 },
    ...files.sort(inOrder)
  ])
  expect([list.size, list.bytes]).toEqual([4, blockBytesMax + 4])
})

test('gives blocks with files nearly in the order of their keys, after all others in the order of the DAG', () => {
  const list = new CommitList()
  const cids = Array.from({ length: 2000 }, (_, at) => raw(`block ${at}`).cid)
  for (const [at, cid] of cids.entries()) list.add({ cid, place: at % 2 === 0 ? 'file' : 'car', length: 1 })
  const keys = Array.from(list, ({ key }) => key)
  expect(keys.slice(0, 1000)).toEqual(cids.filter((_, at) => at % 2 === 1).map(blockKey))
  const digits = keys.slice(1000).map(key => key.slice(4, 5))
  expect(digits).toEqual(digits.toSorted())
  expect(cids.map(({ multihash }) => list.hasFile(multihash.digest))).toEqual(cids.map((_, at) => at % 2 === 0))
})
