import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import { blockCid, blockCidAt } from '../../src/format/block-cid.ts'
import { noise } from './dags.ts'

const made = Array.from({ length: 100 }, (_, n) => ({ codec: n % 2 === 0 ? 0x55 : 0x70, digest: noise(32, n) }))

describe('blockCid', () => {
  it('makes what the library makes, and mixes none of them up', () => {
    const cids = made.map(({ codec, digest }) => blockCid(codec, digest))
    for (const [n, { codec, digest }] of made.entries()) {
      const expected = CID.createV1(codec, create(0x12, digest))
      const cid = cids[n] ?? expect.fail()
      expect([cid.toString(), cid.code, cid.version, cid.multihash.code, cid.multihash.size])
        .toEqual([expected.toString(), codec, 1, 0x12, 32])
      expect([cid.bytes, cid.multihash.bytes, cid.multihash.digest])
        .toEqual([expected.bytes, expected.multihash.bytes, expected.multihash.digest])
      expect([cid.equals(expected), expected.equals(cid), CID.asCID(cid) === cid]).toEqual([true, true, true])
    }
  })

  it('copies the digest', () => {
    const digest = noise(32, 1)
    const cid = blockCid(0x55, digest)
    digest.fill(0)
    expect(cid.multihash.digest).toEqual(noise(32, 1))
  })
})

describe('blockCidAt', () => {
  it('reads what it can, wherever it stands, and nothing that is another CID or cut off', () => {
    const { bytes } = blockCid(0x70, noise(32, 1))
    const placed = new Uint8Array([7, ...bytes, 7])
    expect(blockCidAt(placed, 1)?.bytes).toEqual(bytes)
    expect(blockCidAt(placed)).toBeUndefined()
    expect(blockCidAt(bytes.subarray(0, -1))).toBeUndefined()
    expect(blockCidAt(placed, 3)).toBeUndefined()
    for (const at of [0, 1, 2, 3]) expect(blockCidAt(bytes.map((byte, index) => index === at ? byte ^ 2 : byte))).toBeUndefined()
    expect(blockCidAt(CID.createV0(create(0x12, noise(32, 1))).bytes)).toBeUndefined()
  })
})
