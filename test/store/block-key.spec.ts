import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { expect, test } from 'vitest'
import { blockKey, isStorable, matchesCid } from '../../src/store/block-key.ts'
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
