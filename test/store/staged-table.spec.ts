import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { expect, test } from 'vitest'
import { blockBytesMax, rereadBlockBytesMax, rereadBytesMax } from '../../src/limits.ts'
import { blockKey } from '../../src/store/block-key.ts'
import { StagedTable } from '../../src/store/staged-table.ts'
import type { StagedBlock } from '../../src/store/staged-table.ts'
import { node, raw } from './dags.ts'
import type { Block } from './dags.ts'

const [one, two] = [raw('one'), raw('two')]
const top = node([one, two])

test('gives each block as it was put, also the largest', () => {
  const table = new StagedTable()
  const blocks = [
    { cid: one.cid, length: one.bytes.byteLength, bytes: one.bytes, place: 'memory' as const },
    { cid: two.cid, length: blockBytesMax, bytes: undefined, place: 'file' as const },
    { cid: top.cid, length: 0, bytes: undefined, place: 'store' as const }
  ]
  for (const block of blocks) table.set(block)
  const given = (block: StagedBlock | undefined): unknown =>
    ({ cid: block?.cid, length: block?.length, bytes: block?.bytes, place: block?.place })
  expect(blocks.map(({ cid }) => given(table.get(blockKey(cid))))).toEqual(blocks)
  expect([table.size, table.inMemory()]).toEqual([3, [blockKey(one.cid)]])
  table.move(blockKey(one.cid), 'file')
  expect(given(table.get(blockKey(one.cid)))).toEqual({ cid: one.cid, length: one.bytes.byteLength, bytes: one.bytes, place: 'file' })
  table.move(blockKey(raw('of nobody').cid), 'file')
  expect([table.size, table.inMemory()]).toEqual([3, []])
  table.keepFiles()
  expect(table.get(blockKey(one.cid))?.bytes).toBeUndefined()
  expect([table.size, table.has(one.cid), table.has(two.cid), table.has(top.cid)]).toEqual([2, true, true, false])
  table.delete(blockKey(one.cid))
  table.clear()
  expect(table.size).toBe(0)
})

test('has nothing under another hash with the same digest, nor one that begins with it', () => {
  const table = new StagedTable()
  table.set({ cid: one.cid, length: 1, bytes: one.bytes, place: 'memory' })
  const { digest } = one.cid.multihash
  for (const [code, bytes] of [[0x16, digest], [0x13, Uint8Array.of(...digest, ...digest)], [0, digest]] as const) {
    const other = CID.createV1(0x55, create(code, bytes))
    expect([table.has(other), table.get(blockKey(other))]).toEqual([false, undefined])
  }
})

test('keeps the bytes of small blocks that have files, in memory of their own, and never many', () => {
  const table = new StagedTable()
  const move = ({ cid, bytes }: Block): boolean => {
    table.set({ cid, length: bytes.byteLength, bytes, place: 'memory' })
    table.move(blockKey(cid), 'file')
    const kept = table.get(blockKey(cid))?.bytes
    expect(kept?.buffer).not.toBe(bytes.buffer)
    return kept !== undefined
  }
  const small = Array.from({ length: 2 * rereadBytesMax / rereadBlockBytesMax }, (_, n) => raw(`${n}`, rereadBlockBytesMax))
  expect(move(raw('large', rereadBlockBytesMax + 1))).toBe(false)
  expect(small.map(move)).toEqual(small.map((_, n) => n < small.length / 2))
  table.delete(blockKey(small[0]!.cid))
  expect(move(raw('another', rereadBlockBytesMax))).toBe(true)
  table.keepFiles()
  expect(move(small[0]!)).toBe(true)
})
