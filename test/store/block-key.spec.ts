import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { expect, test } from 'vitest'
import { blockKey, cidOfKey, digestOfKey, isStorable, keyOfDigest, matchesCid } from '../../src/store/block-key.ts'
import { cidOf, raw } from './dags.ts'

const empty = '1220e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

test('names bytes by their multihash, whatever the codec', () => {
  expect(blockKey(cidOf(0x55, new Uint8Array()))).toBe(empty)
  expect(blockKey(cidOf(0x70, new Uint8Array()))).toBe(empty)
  expect(blockKey(cidOf(0x70, new Uint8Array()).toV0())).toBe(empty)
})

test('takes whole sha2-256 only', () => {
  const { digest } = raw('one').cid.multihash
  expect(isStorable(CID.createV1(0x55, create(0x12, digest)))).toBe(true)
  expect(isStorable(CID.createV1(0x55, create(0x12, digest.subarray(0, 31))))).toBe(false)
  expect(isStorable(CID.createV1(0x55, create(0x16, digest)))).toBe(false)
  expect(isStorable(CID.createV1(0x55, create(0, digest)))).toBe(false)
})

test('tells the bytes of a CID from all others', () => {
  const { cid, bytes } = raw('one')
  expect(matchesCid(cid, bytes)).toBe(true)
  expect(matchesCid(cid, bytes.subarray(1))).toBe(false)
  bytes[99] = (bytes[99] ?? 0) ^ 1
  expect(matchesCid(cid, bytes)).toBe(false)
})

test('turns keys into digests and CIDs, and digests into keys', () => {
  const { cid } = raw('one')
  expect(digestOfKey(blockKey(cid))).toEqual(Buffer.from(cid.multihash.digest))
  expect(keyOfDigest(cid.multihash.digest)).toBe(blockKey(cid))
  expect(cidOfKey(blockKey(cid)).toString()).toBe(cid.toString())
  expect(cidOfKey(blockKey(cid), 0x70).code).toBe(0x70)
  expect(digestOfKey(blockKey(CID.createV1(0x55, create(0x16, cid.multihash.digest))))).toHaveLength(0)
})
