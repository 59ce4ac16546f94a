import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, InvalidTileError } from '../../src/errors.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { decodeEntries, decodeTile, encodeEntries, encodeTile, formatTilePath, parseTilePath } from '../../src/format/tlog-tile.ts'
import { tileHashes } from '../../src/limits.ts'
import type { TileName } from '../../src/format/tlog-tile.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import { hexOf } from './arbitraries.ts'
import { errorOf, readVectors } from './vectors.ts'

const vectors = readVectors('tlog-tile') as {
  names: { tile: TileName, path: string }[]
  badNames: string[]
  log: { path: string, bytes: Hex }[]
  badTiles: { name: string, bytes: Hex }[]
  badEntries: { name: string, bytes: Hex }[]
}

const tile: fc.Arbitrary<TileName> = fc.record({
  level: fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 })), index: fc.maxSafeNat(), width: fc.integer({ min: 1, max: 256 })
})
const items = fc.array(hexOf(32).map(hex => fromHex(hex)), { minLength: 1, maxLength: 4 })

describe('formatTilePath and parseTilePath', () => {
  it.each(vectors.names)('write and read $path', ({ tile, path }) => {
    expect(formatTilePath(tile)).toBe(path)
    expect(parseTilePath(path)).toEqual(tile)
  })

  it.each(vectors.badNames)('refuse %j', (path) => {
    expect(() => parseTilePath(path)).toThrow(InvalidTileError)
  })

  it('give back any tile', () => {
    fc.assert(fc.property(tile, (value) => {
      expect(parseTilePath(formatTilePath(value))).toEqual(value)
    }))
  })

  it.each([{ level: -1 }, { level: 64 }, { level: 0.5 }, { level: 'x' }, { index: -1 }, { index: 2 ** 53 }, { width: 0 }, { width: 257 }, { width: undefined }])('refuse to write %o', (change) => {
    expect(() => formatTilePath({ level: 0, index: 0, width: 1, ...change } as unknown as TileName)).toThrow(InvalidTileError)
  })

  it('refuse what is no tile and no text', () => {
    expect(() => formatTilePath(null as unknown as TileName)).toThrow(InvalidArgumentError)
    expect(() => parseTilePath(1 as unknown as string)).toThrow(InvalidTileError)
  })
})

describe('encodeTile and decodeTile', () => {
  it('write and read the tiles of a log', () => {
    for (const { path, bytes } of vectors.log.filter(({ path }) => !path.includes('entries'))) {
      const hashes = decodeTile(fromHex(bytes))
      expect(hashes).toHaveLength(parseTilePath(path).width)
      expect(toHex(encodeTile(hashes))).toBe(bytes)
    }
  })

  it.each(vectors.badTiles)('refuse $name', ({ bytes }) => {
    expect(() => decodeTile(fromHex(bytes))).toThrow(InvalidTileError)
  })

  it('give back any hashes', () => {
    fc.assert(fc.property(items, (hashes) => {
      expect(decodeTile(encodeTile(hashes))).toEqual(hashes)
    }))
  })

  it('give hashes that do not change with the bytes that they were read from', () => {
    const bytes = Buffer.alloc(64, 1)
    const hashes = decodeTile(bytes)
    bytes.fill(2)
    expect(hashes).toEqual([new Uint8Array(32).fill(1), new Uint8Array(32).fill(1)])
  })
})

describe('encodeEntries and decodeEntries', () => {
  it('write and read the entries of a log, whose hashes are those of level 0', () => {
    const byPath = new Map(vectors.log.map(({ path, bytes }) => [path, fromHex(bytes)]))
    for (const { path, bytes } of vectors.log.filter(({ path }) => path.includes('entries'))) {
      const entries = decodeEntries(fromHex(bytes))
      expect(toHex(encodeEntries(entries))).toBe(bytes)
      const hashes = entries.map(entry => createHash('sha256').update(Uint8Array.of(0)).update(entry).digest())
      expect(Buffer.compare(Buffer.concat(hashes), byPath.get(path.replace('entries', '0')) ?? Buffer.alloc(0))).toBe(0)
    }
  })

  it.each(vectors.badEntries)('refuse $name', ({ bytes }) => {
    expect(() => decodeEntries(fromHex(bytes))).toThrow(InvalidTileError)
  })

  it('give back any entries', () => {
    fc.assert(fc.property(items, (entries) => {
      expect(decodeEntries(encodeEntries(entries))).toEqual(entries)
    }))
  })
})

describe('what is written of 32 bytes each', () => {
  it.each([encodeTile, encodeEntries])('is 1 to 256 of them (%o)', (encode) => {
    const some = (count: number): Uint8Array[] => Array.from({ length: count }, () => new Uint8Array(32))
    expect(encode(some(tileHashes)).length % tileHashes).toBe(0)
    for (const value of [[], some(tileHashes + 1), [new Uint8Array(31)], [new Uint8Array(33)], [undefined], new Array(2), 'x', undefined]) {
      expect(errorOf(() => encode(value as unknown as Uint8Array[])).name).toBe('InvalidTileError')
    }
  })

  it.each([decodeTile, decodeEntries])('is read from bytes (%o)', (decode) => {
    expect(() => decode('x' as unknown as Uint8Array)).toThrow(InvalidArgumentError)
  })
})
