import { encode } from '@ipld/dag-pb'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import { InvalidDagError, LimitExceededError } from '../../src/errors.ts'
import { checkBlockCid, dagPbCodec, linksOf, rawCodec } from '../../src/format/dag-links.ts'
import { linksMax } from '../../src/limits.ts'
import { branch, leaf, sha256 } from './dags.ts'

const digest = sha256(new Uint8Array())

describe('checkBlockCid', () => {
  it.each([
    ['raw', CID.createV1(rawCodec, create(0x12, digest))],
    ['dag-pb', CID.createV1(dagPbCodec, create(0x12, digest))],
    ['CIDv0', CID.createV0(create(0x12, digest))]
  ])('takes %s with sha2-256', (_, cid) => {
    expect(() => { checkBlockCid(cid) }).not.toThrow()
  })

  it.each([
    ['identity hashes', CID.createV1(rawCodec, create(0, digest))],
    ['other hashes', CID.createV1(rawCodec, create(0x13, digest))],
    ['digests that are cut short', CID.createV1(rawCodec, create(0x12, digest.slice(0, 20)))],
    ['digests that are too long', CID.createV1(rawCodec, create(0x12, new Uint8Array(33)))],
    ['dag-cbor', CID.createV1(0x71, create(0x12, digest))],
    ['libp2p keys', CID.createV1(0x72, create(0x12, digest))]
  ])('refuses %s', (_, cid) => {
    expect(() => { checkBlockCid(cid) }).toThrow(InvalidDagError)
  })
})

describe('linksOf', () => {
  it('lists links in order, with repetitions and both versions of CID', () => {
    const [a, b] = [leaf('a'), branch([])]
    const links = [b.cid, a.cid, b.cid.toV0(), a.cid]
    const node = branch(links.map(cid => ({ cid })))
    expect(linksOf(node.cid, node.bytes).map(String)).toEqual(links.map(String))
    expect(linksOf(node.cid.toV0(), node.bytes).map(String)).toEqual(links.map(String))
  })

  it('finds no links in a raw block, whatever its bytes', () => {
    const { bytes } = branch([leaf('a')])
    expect(linksOf(leaf(bytes).cid, bytes)).toEqual([])
  })

  it('finds no links in the empty block', () => {
    expect(linksOf(branch([]).cid, new Uint8Array())).toEqual([])
  })

  it.each([
    ['a field that is cut off', [0x12, 0x05, 0x0a]],
    ['a length that is cut off', [0x12, 0x80]],
    ['another field', [0x1a, 0x00]],
    ['a link without a CID', [0x12, 0x00]],
    ['a link whose CID is none', [0x12, 0x04, 0x0a, 0x02, 0x01, 0x55]]
  ])('refuses dag-pb with %s', (_, bytes) => {
    expect(() => linksOf(branch([]).cid, Uint8Array.from(bytes))).toThrow(InvalidDagError)
  })

  it('refuses a link to what no bundle may have', () => {
    const foreign = CID.createV1(0x71, create(0x12, digest))
    const bytes = encode({ Links: [{ Hash: foreign }] })
    expect(() => linksOf(branch([]).cid, bytes)).toThrow(InvalidDagError)
  })

  it('takes as many links as allowed and refuses one more', () => {
    const { cid } = leaf('')
    const bytesOf = (links: number): Uint8Array => encode({ Links: Array.from({ length: links }, () => ({ Hash: cid })) })
    expect(linksOf(branch([]).cid, bytesOf(linksMax))).toHaveLength(linksMax)
    expect(() => linksOf(branch([]).cid, bytesOf(linksMax + 1))).toThrow(LimitExceededError)
  })

  it('counts links before it looks into them', () => {
    const bytes = new Uint8Array(2 * (linksMax + 1)).map((_, index) => index % 2 === 0 ? 0x12 : 0)
    expect(() => linksOf(branch([]).cid, bytes)).toThrow(LimitExceededError)
  })
})
