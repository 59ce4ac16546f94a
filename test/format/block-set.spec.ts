import { expect, test } from 'vitest'
import { BlockSet } from '../../src/format/block-set.ts'

const digest = new Uint8Array(32).fill(7)
const [raw, inner] = [{ code: 0x55, digest }, { code: 0x70, digest }]

test('tells blocks apart by their codecs', () => {
  const blocks = new BlockSet()
  blocks.add(raw)
  blocks.add(raw)
  expect([blocks.size, blocks.has(raw), blocks.has(inner)]).toEqual([1, true, false])
})

test('is not changed by what is added to its copy', () => {
  const blocks = new BlockSet()
  blocks.add(raw)
  const copy = blocks.copy()
  copy.add(inner)
  expect([blocks.size, copy.size, blocks.has(inner), copy.has(raw)]).toEqual([1, 2, false, true])
})

test('has nothing once it was cleared', () => {
  const blocks = new BlockSet()
  blocks.add(raw)
  blocks.add(inner)
  blocks.clear()
  expect([blocks.size, blocks.has(raw), blocks.has(inner)]).toEqual([0, false, false])
})
