import { expect, test } from 'vitest'
import { DirectoryEntries } from '../../src/bundle/directory-entries.ts'
import { cidOfBlock } from '../../src/bundle/dag-pb-block.ts'

test('has the last thing under each name, in the order in which the names came', () => {
  const entries = new DirectoryEntries()
  const links = Array.from({ length: 40 }, (_, at) => ({ cid: cidOfBlock(at % 2 === 0 ? 0x55 : 0x70, Uint8Array.of(at)), dagSize: at * 2 ** 40 }))
  for (const [at, link] of links.entries()) entries.set(`name-${at}`, link)
  const last = { cid: cidOfBlock(0x70, Uint8Array.of(99)).toV0(), dagSize: 7 }
  entries.set('name-3', last)
  const expected = links.map((link, at): [string, typeof link] => [`name-${at}`, at === 3 ? last : link])
  expect([...entries].map(([name, { cid, dagSize }]) => [name, cid.toString(), dagSize]))
    .toEqual(expected.map(([name, { cid, dagSize }]) => [name, cid.toString(), dagSize]))
})
