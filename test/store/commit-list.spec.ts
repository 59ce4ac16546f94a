import { expect, test } from 'vitest'
import { blockBytesMax } from '../../src/limits.ts'
import { blockKey } from '../../src/store/block-key.ts'
import { CommitList } from '../../src/store/commit-list.ts'
import { raw } from './dags.ts'

test('gives blocks as they are indexed, in their order, and counts their bytes', () => {
  const list = new CommitList()
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(name => raw(name).cid) as [ReturnType<typeof raw>['cid'], ...ReturnType<typeof raw>['cid'][]]
  if (b === undefined || c === undefined || d === undefined) throw new Error('four blocks')
  list.add({ cid: a, place: 'car', length: 1 })
  list.add({ cid: b, place: 'file', length: blockBytesMax })
  list.add({ cid: c, place: 'file', length: 0 })
  list.add({ cid: d, place: 'elsewhere', length: 3 })
  list.locate(blockKey(a), 97)
  expect([...list]).toEqual([
    { key: blockKey(a), place: 'car', length: 1, offset: 97 },
    { key: blockKey(b), place: 'file', length: blockBytesMax, offset: 0 },
    { key: blockKey(c), place: 'file', length: 0, offset: 0 },
    { key: blockKey(d), place: 'elsewhere', length: 3, offset: 0 }
  ])
  expect([list.size, list.bytes]).toEqual([4, blockBytesMax + 4])
})
