import { expect, test } from 'vitest'
import { DirectoryEntries } from '../../src/bundle/directory-entries.ts'
import { cidOfBlock } from '../../src/bundle/dag-pb-block.ts'
import type { DagLink } from '../../src/bundle/dag-pb-block.ts'

const link = (at: number): DagLink => ({ cid: cidOfBlock(at % 2 === 0 ? 0x55 : 0x70, Uint8Array.of(at, at >> 8)), dagSize: at * 2 ** 40 })
const textOf = ({ cid, dagSize }: DagLink): string => `${cid.toString()} ${dagSize}`

test('has names and links in the order of their coming, however many', () => {
  const entries = new DirectoryEntries()
  for (let at = 0; at < 3000; at++) {
    expect(entries.length).toBe(at)
    entries.add(`name-${at}`, link(at))
  }
  expect([...entries.names()]).toEqual(Array.from({ length: 3000 }, (_, at) => `name-${at}`))
  for (let at = 0; at < 3000; at += 7) expect(textOf(entries.at(at))).toBe(textOf(link(at)))
  expect(() => entries.at(3000)).toThrow(RangeError)
})

test('has of a directory what it was written as last', () => {
  const entries = new DirectoryEntries()
  entries.setDirectory('a', link(1))
  entries.add('b', link(2))
  const last = { cid: cidOfBlock(0x70, Uint8Array.of(99)).toV0(), dagSize: 7 }
  entries.setDirectory('a', last)
  expect([...entries.names()]).toEqual(['a', 'b'])
  expect([0, 1].map(at => textOf(entries.at(at)))).toEqual([last, link(2)].map(textOf))
})
