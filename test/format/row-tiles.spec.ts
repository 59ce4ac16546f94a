import { sha256 } from '@noble/hashes/sha2.js'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/format/hex.ts'
import { decodeStarts, RowTiles, rowTilesBytes, startsRange, tileRange } from '../../src/format/row-tiles.ts'
import { GrowingTree } from '../../src/merkle/growing-tree.ts'
import { proveInclusion, verifyInclusion } from '../../src/merkle/inclusion.ts'
import { hashEntry } from '../../src/merkle/hashing.ts'
import { tileHashReader } from '../../src/merkle/tiles.ts'
import { readVectors } from './vectors.ts'

const entry = (n: number): Uint8Array => new TextEncoder().encode(`row ${n}`)

function tilesOf (rows: number): { tree: GrowingTree, tiles: RowTiles } {
  const [tree, tiles] = [new GrowingTree(), new RowTiles()]
  for (let n = 0; n < rows; n++) tiles.append(tree.append(entry(n)), 10 * n)
  return { tree, tiles }
}

describe('RowTiles', () => {
  it.each([0, 1, 255, 256, 257, 700, 66_000])('keeps what proves each of %i rows, with the 256 among which it is', async rows => {
    const { tree, tiles } = tilesOf(rows)
    const bytes = tiles.bytes('parquet')
    expect(bytes).toHaveLength(rowTilesBytes({ rows, table: 'parquet' }))
    for (const index of [0, 1, 255, 256, 511, rows - 256, rows - 1].filter(index => index >= 0 && index < rows)) {
      const reader = tileHashReader(rows, async tile => {
        const range = tileRange({ rows, table: 'parquet' }, tile)
        if (range !== undefined) return await Promise.resolve(bytes.subarray(range.offset, range.offset + range.length))
        // It is the one in which the row is.
        expect(tile.index).toBe(Math.floor(index / 256))
        return Buffer.concat(Array.from({ length: 256 }, (_, at) => hashEntry(entry(256 * tile.index + at))))
      })
      verifyInclusion({ entry: entry(index), index, tree: { size: rows, root: tree.root } }, await proveInclusion(index, rows, reader))
    }
  })

  it('keeps where 256 rows of text start, and those after them', () => {
    const bytes = tilesOf(600).tiles.bytes('csv')
    expect(bytes).toHaveLength(rowTilesBytes({ rows: 600, table: 'csv' }))
    const starts = [0, 1, 2].map(index => {
      const { offset, length } = startsRange({ rows: 600, table: 'csv' }, index)
      return decodeStarts(bytes.subarray(offset, offset + length))
    })
    expect(starts).toEqual([[0, 2_560], [2_560, 5_120], [5_120]])
  })
})

describe('vectors', () => {
  it.each(readVectors('row-tiles') as { name: string, rows: number, table: 'csv' | 'parquet', bytes: number, sha256: string }[])('$name', ({ rows, table, bytes, sha256: digest }) => {
    const kept = tilesOf(rows).tiles.bytes(table)
    expect([kept.byteLength, toHex(sha256(kept))]).toEqual([bytes, digest])
  })
})
