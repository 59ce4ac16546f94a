import fc from 'fast-check'
import { UnixFS } from 'ipfs-unixfs'
import { describe, expect, test } from 'vitest'
import { decodeUnixfsData, directoryData, encodeFileData, encodeShardData } from '../../src/bundle/unixfs-data.ts'
import { InvalidMessageError } from '../../src/errors.ts'

/** What ipfs-unixfs writes from 2^31 to 2^32 - 1 nobody can read. */
const size = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 31n - 1n }), fc.bigInt({ min: 2n ** 32n, max: 2n ** 45n }))

test('reads what ipfs-unixfs writes', () => {
  fc.assert(fc.property(fc.uint8Array(), fc.array(size, { maxLength: 1 }), fc.nat(0o777), fc.nat(), (data, blockSizes, mode, secs) => {
    fc.pre(blockSizes.every(size => size > 2n ** 32n || size < 2n ** 30n))
    const written = new UnixFS({ type: 'file', data, blockSizes, mode, mtime: { secs: BigInt(secs), nsecs: 5 } })
    const read = decodeUnixfsData(written.marshal())
    expect(Buffer.from(read.data).equals(data)).toBe(true)
    expect(read.blockSizes.map(BigInt)).toEqual(blockSizes)
    expect(read.type).toBe('file')
    expect(read.fileSize).toBe(Number(written.fileSize()))
  }))
})

test('writes the sizes of parts as it reads them', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 2 ** 45 })), sizes => {
    const read = decodeUnixfsData(encodeFileData(sizes))
    expect(read).toMatchObject({ type: 'file', blockSizes: sizes, fileSize: sizes.reduce((sum, size) => sum + size, 0) })
  }))
})

test('writes what ipfs-unixfs writes, where that is right', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 2 ** 20 })), sizes => {
    expect(Buffer.from(encodeFileData(sizes))).toEqual(Buffer.from(new UnixFS({ type: 'file', blockSizes: sizes.map(BigInt) }).marshal()))
  }))
})

test('writes sizes from 2^31 to 2^32 - 1 as protobuf has them', () => {
  expect(Buffer.from(encodeFileData([2 ** 31, 2 ** 31 - 1])).toString('hex')).toBe('080218ffffffff0f20808080800820ffffffff07')
})

test('reads a shard', () => {
  const data = new UnixFS({ type: 'hamt-sharded-directory', data: Uint8Array.of(1), fanout: 256n, hashType: 0x22n }).marshal()
  expect(decodeUnixfsData(data)).toMatchObject({ type: 'hamt-shard', fanout: 256, hashType: 0x22, data: Uint8Array.of(1) })
})

test('reads sizes that are packed', () => {
  expect(decodeUnixfsData(Uint8Array.of(8, 2, 0x22, 3, 1, 0x80, 1)).blockSizes).toEqual([1, 128])
})

test('passes over fields of every wire type', () => {
  const unknown = [0x58, 1, 0x59, 0, 0, 0, 0, 0, 0, 0, 0, 0x5a, 1, 7, 0x5d, 0, 0, 0, 0]
  expect(decodeUnixfsData(Uint8Array.of(...unknown, 8, 1)).type).toBe('directory')
})

describe('refuses', () => {
  test.for([
    ['nothing', []],
    ['a type that is not known', [8, 6]],
    ['a type that is bytes', [10, 1, 1]],
    ['data that is a number', [8, 2, 16, 1]],
    ['a field that is cut off', [8, 2, 18, 5, 1]],
    ['a varint that is cut off', [8, 2, 24, 0x80]],
    ['a group', [8, 2, 0x1b]]
  ] as const)('%s', ([, bytes]) => {
    expect(() => decodeUnixfsData(Uint8Array.from(bytes))).toThrow(InvalidMessageError)
  })
})

test('writes directories and shards as ipfs-unixfs does', () => {
  expect(Buffer.from(directoryData)).toEqual(Buffer.from(new UnixFS({ type: 'directory' }).marshal()))
  const data = Uint8Array.of(0x80, 0x00, 0x09)
  const shard = new UnixFS({ type: 'hamt-sharded-directory', data, fanout: 256n, hashType: 0x22n })
  expect(Buffer.from(encodeShardData([0, 3, 23], 256))).toEqual(Buffer.from(shard.marshal()))
})
