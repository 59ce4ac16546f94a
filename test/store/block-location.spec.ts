import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StorageError } from '../../src/errors.ts'
import { decodeHome, decodeList, encodeHome, encodeList } from '../../src/store/block-location.ts'
import { raw } from './dags.ts'

const uint32 = fc.nat(0xffffffff)
const root = raw('one').cid.toString()

test('reads every place as it was written', () => {
  fc.assert(fc.property(fc.constantFrom('car', 'file', 'elsewhere'), uint32, uint32, fc.boolean(), (place, offset, length, shared) => {
    const home = { place, offset, length, shared, root } as const
    expect(decodeHome(encodeHome(home))).toEqual(home)
  }))
})

test('reads every list as it was written', () => {
  const key = fc.uint8Array({ minLength: 34, maxLength: 34 }).map(bytes => Buffer.from(bytes).toString('hex'))
  fc.assert(fc.property(fc.array(fc.record({ key, length: uint32 })), list => {
    expect(decodeList(encodeList(list))).toEqual(list)
  }))
})

test('refuses what is not a place or a list', () => {
  expect(() => decodeHome(new Uint8Array(9))).toThrow(StorageError)
  expect(() => decodeHome(new Uint8Array([3, 0, 0, 0, 0, 0, 0, 0, 0, 65]))).toThrow(StorageError)
  expect(() => decodeList(new Uint8Array(37))).toThrow(StorageError)
  expect(() => decodeList(new Uint8Array(39))).toThrow(StorageError)
})
