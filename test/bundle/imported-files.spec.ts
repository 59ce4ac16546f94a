import { expect, test } from 'vitest'
import { cidOfBlock } from '../../src/bundle/dag-pb-block.ts'
import { ImportedFileList } from '../../src/bundle/imported-files.ts'
import { toHex } from '../../src/format/hex.ts'
import type { ImportedFile } from '../../src/bundle/imported-files.ts'

function fileOf (path: string, codec = 0x55): ImportedFile {
  const cid = cidOfBlock(codec, Buffer.from(path))
  const sha256 = codec === 0x55 ? toHex(cid.multihash.digest) : toHex(new Uint8Array(32).fill(path.length))
  return { path, cid, bytes: BigInt(2 ** 50 + path.length), sha256 }
}

test('gives files in the order of what they were made of, in whatever order that was done', () => {
  const list = new ImportedFileList()
  const [a, b, c, d] = [fileOf('a'), fileOf('b/b'), fileOf('ccc', 0x70), fileOf('d')]
  list.add(2, [c, d])
  expect(list.length).toBe(0)
  list.add(0, [a])
  list.add(1, [])
  list.add(3, [b])
  expect(list.length).toBe(4)
  const plain = ({ path, cid, bytes, sha256 }: ImportedFile): unknown => ({ path, cid: cid.toString(), bytes, sha256 })
  expect(Array.from(list, plain)).toEqual([a, c, d, b].map(plain))
  expect([...list]).toHaveLength(4)
})

test('takes others after it was cleared', () => {
  const list = new ImportedFileList()
  for (let entry = 0; entry < 20; entry++) list.add(entry, [fileOf(`gone ${entry}`, 0x70)])
  list.clear()
  expect([list.length, ...list]).toEqual([0])
  const after = fileOf('after')
  list.add(20, [after])
  expect(Array.from(list, ({ path, sha256 }) => [path, sha256])).toEqual([[after.path, after.sha256]])
})
