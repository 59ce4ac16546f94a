import { decode, encode, prepare } from '@ipld/dag-pb'
import fc from 'fast-check'
import { sha256 } from 'multiformats/hashes/sha2'
import { expect, test } from 'vitest'
import { cidOfBlock, dagPbLength, encodeDagPb } from '../../src/bundle/dag-pb-block.ts'
import type { BlockLink } from '../../src/bundle/dag-pb-block.ts'

const link = fc.record({
  name: fc.string({ unit: 'grapheme' }).map(text => new TextEncoder().encode(text.toWellFormed())),
  cid: fc.uint8Array().map(bytes => cidOfBlock(0x55, bytes)),
  dagSize: fc.oneof(fc.nat(300), fc.integer({ min: 2 ** 31 - 2, max: 2 ** 32 + 2 }), fc.maxSafeNat())
})

test('writes what the general encoder writes', () => {
  fc.assert(fc.property(fc.array(link), fc.uint8Array(), (links: BlockLink[], data) => {
    links.sort((a, b) => Buffer.compare(a.name, b.name))
    const bytes = encodeDagPb(links, data)
    const general = prepare({
      Data: data, Links: links.map(({ name, cid, dagSize }) => ({ Name: new TextDecoder('utf-8', { ignoreBOM: true }).decode(name), Hash: cid, Tsize: dagSize }))
    })
    expect(Buffer.from(bytes).equals(encode(general))).toBe(true)
    expect(bytes.byteLength).toBe(dagPbLength(links, data))
    expect(decode(bytes).Links.map(({ Tsize }) => Tsize)).toEqual(links.map(({ dagSize }) => dagSize))
  }))
})

test('names a block by its codec and the sha2-256 of its bytes', async () => {
  const bytes = new TextEncoder().encode('a block')
  const cid = cidOfBlock(0x70, bytes)
  expect([cid.version, cid.code]).toEqual([1, 0x70])
  expect(Buffer.from(cid.multihash.bytes).equals((await sha256.digest(bytes)).bytes)).toBe(true)
})
