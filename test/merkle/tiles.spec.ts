import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, InvalidTileError } from '../../src/errors.ts'
import { fromHex } from '../../src/format/hex.ts'
import { formatTilePath } from '../../src/format/tlog-tile.ts'
import { proveInclusion, verifyInclusion } from '../../src/merkle/inclusion.ts'
import { readRoot } from '../../src/merkle/read-hashes.ts'
import { newTiles, tileHashReader } from '../../src/merkle/tiles.ts'
import type { ReadTile, Tile } from '../../src/interface/merkle.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import { at, readVectors } from '../format/vectors.ts'
import { numberedLog } from './trees.ts'

const { log: stored } = readVectors('tlog-tile') as { log: { path: string, bytes: Hex }[] }
const goTiles = new Map(stored.map(({ path, bytes }) => [path, fromHex(bytes)]))
const log = numberedLog(700)
const paths = (earlier: number, later: number): string[] => [...newTiles(earlier, later)].map(tile => formatTilePath(tile))

/** Makes tiles from the hashes of a log. */
function readTileOf (fuller = 0): ReadTile & { read: string[] } {
  const read: string[] = []
  return Object.assign(async ({ level, index, width }: Tile) => {
    read.push(`${level}/${index}/${width}`)
    const length = level === 0 ? Math.min(256, width + fuller) : width
    const nodes = Array.from({ length }, (_, n) => ({ level: level * 8, index: index * 256 + n }))
    return new Uint8Array(Buffer.concat(await log.readHashes(nodes)))
  }, { read })
}

describe('tileHashReader', () => {
  it('proves every entry from the tiles that Go made', async () => {
    const readTile: ReadTile = async tile => goTiles.get(formatTilePath(tile)) ?? new Uint8Array(0)
    const reader = tileHashReader(258, readTile)
    const tree = { size: 258, root: await readRoot(258, reader) }
    expect(tree).toEqual(at(log.trees, 258))
    for (let index = 0; index < 258; index++) {
      verifyInclusion({ entry: at(log.entries, index), index, tree }, await proveInclusion(index, 258, reader))
    }
  })

  it('finds the root at every size from tiles of that size', async () => {
    for (let size = 0; size <= 700; size += size < 250 || size > 520 ? 7 : 1) {
      expect(await readRoot(size, tileHashReader(size, readTileOf()))).toEqual(at(log.trees, size).root)
    }
  })

  it('reads each tile once, the levels side by side', async () => {
    const readTile = readTileOf()
    await proveInclusion(3, 600, tileHashReader(600, readTile))
    expect(readTile.read.sort()).toEqual(['0/0/256', '0/2/88', '1/0/2'])
  })

  it('takes tiles that are fuller by now', async () => {
    expect(await readRoot(300, tileHashReader(300, readTileOf(100)))).toEqual(at(log.trees, 300).root)
  })

  it.each([0, 31, 32 * 43, 32 * 44 + 1, 32 * 257])('refuses a tile of %i bytes where 44 hashes are due', async (length) => {
    const reading = readRoot(44, tileHashReader(44, async () => new Uint8Array(length)))
    await expect(reading).rejects.toThrow(InvalidTileError)
  })

  it('refuses a subtree that is not complete in the tree', async () => {
    const reader = tileHashReader(300, readTileOf())
    for (const node of [{ level: 0, index: 300 }, { level: 2, index: 75 }, { level: 8, index: 1 }, { level: 9, index: 0 }]) {
      await expect(reader.readHashes([node])).rejects.toThrow(InvalidArgumentError)
    }
    expect(() => tileHashReader(-1, readTileOf())).toThrow(InvalidArgumentError)
  })

  it('gives hashes that do not change with the tile that they were read from', async () => {
    const tile = Buffer.alloc(64, 1)
    const [hash] = await tileHashReader(2, async () => tile).readHashes([{ level: 0, index: 1 }])
    tile.fill(2)
    expect(hash).toEqual(new Uint8Array(32).fill(1))
  })
})

describe('newTiles', () => {
  it('names all tiles of a log as Go does', () => {
    expect(paths(0, 258).sort()).toEqual([...goTiles.keys()].filter(path => !path.includes('entries')).sort())
  })

  it('names the tiles of the specification: 273 full and one of 112, one full and one of 17, one of 1', () => {
    const tiles = [...newTiles(0, 70_000)]
    const widths = (level: number): number[] => tiles.filter(tile => tile.level === level).map(({ width }) => width)
    expect(widths(0)).toEqual([...new Array<number>(273).fill(256), 112])
    expect(widths(1)).toEqual([256, 17])
    expect(widths(2)).toEqual([1])
    expect(tiles).toHaveLength(277)
    expect(paths(0, 256)).toEqual(['tile/0/000', 'tile/1/000.p/1'])
  })

  it('names only those that a larger tree does not share', () => {
    expect(paths(5, 5)).toEqual([])
    expect(paths(255, 256)).toEqual(['tile/0/000', 'tile/1/000.p/1'])
    expect(paths(256, 257)).toEqual(['tile/0/001.p/1'])
    expect(paths(511, 513)).toEqual(['tile/0/001', 'tile/0/002.p/1', 'tile/1/000.p/2'])
    expect(paths(8, 3)).toEqual([])
  })

  it('begins at once with the largest of logs', () => {
    expect(newTiles(0, Number.MAX_SAFE_INTEGER).next().value).toEqual({ level: 0, index: 0, width: 256 })
    expect(paths(Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER)).toEqual(['tile/0/x035/x184/x372/x088/831.p/255'])
    expect(() => newTiles(0, 2 ** 53).next()).toThrow(InvalidArgumentError)
  })
})
