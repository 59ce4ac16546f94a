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
  expect([...list].map(file => ({ ...file, cid: file.cid.toString() }))).toEqual([a, c, d, b].map(file => ({ ...file, cid: file.cid.toString() })))
  expect([...list]).toHaveLength(4)
})
