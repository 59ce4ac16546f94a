import { expect, test } from 'vitest'
import { CheckedBlocks } from '../../src/bundle/checked-blocks.ts'
import { checkedBytesMax } from '../../src/limits.ts'
import { leaf, noise } from '../format/dags.ts'
import type { DagReader } from '../../src/bundle/dag-reader.ts'

/** A reader that has one block, and counts how often it is asked. */
function readerWith (bytes: Uint8Array): { reader: DagReader, asked: () => number } {
  let asked = 0
  return { reader: { get: async () => await Promise.resolve((asked++, bytes)) }, asked: () => asked }
}

test('gives what was checked from memory, and asks for all else', async () => {
  const [known, other] = [leaf('known'), leaf('other')]
  const blocks = new CheckedBlocks()
  blocks.add(known.cid, known.bytes)
  const { reader, asked } = readerWith(other.bytes)
  const before = blocks.before(reader)
  expect(await before.get({ cid: known.cid, position: [] })).toBe(known.bytes)
  expect(asked()).toBe(0)
  expect(await before.get({ cid: other.cid, position: [0] })).toBe(other.bytes)
  expect(asked()).toBe(1)
})

test('remembers no more than it may', async () => {
  const [first, second, third] = [leaf(noise(checkedBytesMax - 10, 1)), leaf(noise(11, 2)), leaf(noise(10, 3))]
  const blocks = new CheckedBlocks()
  for (const { cid, bytes } of [first, second, third, first]) blocks.add(cid, bytes)
  const { reader, asked } = readerWith(second.bytes)
  for (const { cid } of [first, second, third]) await blocks.before(reader).get({ cid, position: [] })
  expect(asked()).toBe(1)
})
