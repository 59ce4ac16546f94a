import { expect, test } from 'vitest'
import { hasGrown } from '../../src/dataset/grown-text.ts'
import { root } from '../audit/fixtures.ts'
import type { ImportedContent } from '../../src/bundle/publish.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'

async function * pieces (text: string): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += 3) yield await Promise.resolve(bytes.subarray(at, at + 3))
}

async function grown (path: string, before: string, after: string): Promise<boolean> {
  const read: ImportedContent['read'] = (_, { offset = 0, length } = {}) => pieces(after.slice(offset, length === undefined ? undefined : offset + length))
  const file = { path, cid: root('x'), bytes: BigInt(after.length), sha256: `0x${'00'.repeat(32)}` as const }
  const previous = { stream: () => pieces(before) } as unknown as DatasetBundle
  return await hasGrown(previous, { path, size: BigInt(before.length) }, { file, content: { read } })
}

test.each([
  ['rows at the end', 'a.csv', 'a,b\n1,2\n', 'a,b\n1,2\n3,4\n', true],
  ['rows after one without an end of line', 'a.jsonl', '{"a":1}', '{"a":1}\n{"a":2}', true],
  ['the same after a carriage return', 'a.csv', 'a\r\n1', 'a\r\n1\r\n2', true],
  ['rows where there were none', 'a.ndjson', '', '{"a":1}\n', true],
  ['a longer last row', 'a.csv', 'a\n1', 'a\n12\n', false],
  ['another row', 'a.csv', 'a\n1\n', 'a\n2\n3\n', false],
  ['fewer rows', 'a.csv', 'a\n1\n', 'a\n', false],
  ['a file that is no table of text', 'a.bin', 'a\n', 'a\nb\n', false],
  ['a Parquet file', 'a.parquet', 'PAR1', 'PAR1PAR1', false]
])('tells %s', async (_, path, before, after, expected) => {
  expect(await grown(path, before, after)).toBe(expected)
})
