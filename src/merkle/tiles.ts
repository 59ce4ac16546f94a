/**
 * Hashes of a tree in tiles of height 8, as C2SP tlog-tiles has them: tile `index` of level `level` holds side by side
 *
 * ```
 * MTH(D[(index · 256 + i) · 256^level : (index · 256 + i + 1) · 256^level])       i from 0 to 255
 * ```
 *
 * of those subtrees that are complete. So level 0 has the hashes of entries, and every hash of a level above stands for one full
 * tile below it. The levels in between are not stored: they are made from a tile's hashes when they are asked for.
 */
import { InvalidArgumentError, InvalidTileError } from '../errors.ts'
import { tileHashes } from '../limits.ts'
import type { HashReader, ReadTile, Tile, TreeNode } from '../interface/merkle.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import { checkCount } from './checks.ts'
import { hashBytes, hashComplete } from './hashing.ts'

/** Levels of the tree in one tile: 256 hashes and those that are made from them. */
export const tileHeight = 8

/** Where a subtree's hash comes from: these hashes of one tile. */
interface Span {
  tile: Tile
  from: number
  count: number
}

/**
 * Reads hashes of the tree of `size` entries from tiles, each of them once for all hashes of one call. What is read is not
 * checked against a root: a proof made from it is, when it is verified.
 *
 * @throws {@link InvalidArgumentError} when a subtree is asked for that is not complete in this tree
 * @throws {@link InvalidTileError} when a tile is not as long as it should be
 */
export function tileHashReader (size: number, readTile: ReadTile): HashReader {
  checkCount(size, 'size')
  return {
    readHashes: async (nodes, options) => {
      const spans = nodes.map(node => spanOf(node, size))
      const tiles = await readAll(spans.map(({ tile }) => tile), readTile, options)
      return spans.map(({ tile, from, count }) => hashComplete(hashesOf(tiles.get(nameOf(tile)), from, count)))
    }
  }
}

/**
 * The tiles that are other ones, or come in addition, when a tree grows: those to write, the lowest level first, on each from the
 * left. The last one of a level may be partial. Entries are stored by the tiles of level 0.
 *
 * @throws {@link InvalidArgumentError} when a size is not a whole number
 */
export function * newTiles (earlierSize: number, laterSize: number): Generator<Tile> {
  checkCount(earlierSize, 'the earlier size')
  checkCount(laterSize, 'the later size')
  let [before, after] = [earlierSize, laterSize]
  for (let level = 0; after > before; level++) {
    for (let index = above(before); index * tileHashes < after; index++) {
      yield { level, index, width: Math.min(tileHashes, after - index * tileHashes) }
    }
    ;[before, after] = [above(before), above(after)]
  }
}

function spanOf (node: TreeNode, size: number): Span {
  const tileLevel = Math.floor(node.level / tileHeight)
  const count = 2 ** (node.level % tileHeight)
  const first = node.index * count
  const width = Math.floor(size / tileHashes ** tileLevel)
  if (first + count > width) {
    throw new InvalidArgumentError(`The subtree ${node.index} of level ${node.level} is not complete in a tree of ${size} entries`, { ...node, size })
  }
  const index = above(first)
  const tile = { level: tileLevel, index, width: Math.min(tileHashes, width - index * tileHashes) }
  return { tile, from: first % tileHashes, count }
}

async function readAll (tiles: readonly Tile[], readTile: ReadTile,
  options?: AbortOptions): Promise<Map<string, Uint8Array>> {
  const byName = new Map(tiles.map(tile => [nameOf(tile), tile]))
  return new Map(await Promise.all([...byName].map(async ([name, tile]) => {
    const bytes = await readTile(tile, options)
    checkTile(tile, bytes)
    return [name, bytes] as const
  })))
}

function checkTile (tile: Tile, bytes: Uint8Array): void {
  const [min, max] = [tile.width * hashBytes, tileHashes * hashBytes]
  if (bytes.byteLength >= min && bytes.byteLength <= max && bytes.byteLength % hashBytes === 0) return
  throw new InvalidTileError(`Tile ${tile.index} of level ${tile.level} has ${bytes.byteLength} bytes; it should have ${min}`,
    { level: tile.level, index: tile.index, expected: min, actual: bytes.byteLength })
}

function hashesOf (bytes: Uint8Array = new Uint8Array(0), from: number, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, at) => {
    // A copy, so that whoever keeps a hash does not keep the whole tile. (`slice` of a Buffer is none.)
    return new Uint8Array(bytes.subarray((from + at) * hashBytes, (from + at + 1) * hashBytes))
  })
}

function nameOf ({ level, index }: Tile): string {
  return `${level}/${index}`
}

function above (count: number): number {
  return Math.floor(count / tileHashes)
}
