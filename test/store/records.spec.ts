import { beforeEach, expect, test } from 'vitest'
import { isPublicRecord, Records } from '../../src/store/records.ts'
import type { Readers } from '../../src/interface/bundle.ts'
import type { RecordFile } from '../../src/store/record-file.ts'
import { commit, openMemory, smallDag } from './fixtures.ts'

let record: (readers: Readers, embargoed?: boolean) => RecordFile

beforeEach(async () => {
  const bundle = await commit(await openMemory(), smallDag('any'))
  record = (readers, embargoed = false) => ({ bundle: { ...bundle, readers, embargoed }, revision: 1, carBlocks: 0, unknown: {} })
})

test('calls public what is revealed and anyone may read', () => {
  expect(isPublicRecord(record('anyone'))).toBe(true)
  for (const other of [record('anyone', true), record([]), record(() => true), undefined]) expect(isPublicRecord(other)).toBe(false)
})

test('announces a bundle once when it becomes public', () => {
  const records = new Records()
  records.set('a', record([])).set('b', record('anyone', true)).set('c', record('anyone'))
  expect(records.takeAnnounced()).toEqual(['c'])
  records.set('a', record('anyone')).set('b', record('anyone')).set('c', record('anyone'))
  expect(records.hasAnnounced).toBe(true)
  expect(records.takeAnnounced()).toEqual(['a', 'b'])
  expect(records.hasAnnounced).toBe(false)
})

test('forgets the announcement of what is not public any more', () => {
  const records = new Records()
  records.set('a', record('anyone')).set('b', record('anyone')).set('a', record([])).delete('b')
  expect(records.takeAnnounced()).toEqual([])
})

test('announces again on demand what is public, and nothing else', () => {
  const records = new Records()
  records.set('a', record('anyone')).set('b', record([]))
  records.takeAnnounced()
  for (const root of ['a', 'b', 'c']) records.announce(root)
  expect(records.takeAnnounced()).toEqual(['a'])
})
