/**
 * The right edge of a stored tree: of each level the tile that is not full yet, and the entries of the lowest one. It is all that
 * appending needs, whatever the size: at most 255 hashes for each level of tiles, and as many entries.
 */
import { decodeEntries, decodeTile, encodeEntries, encodeTile, formatTilePath } from '../format/tlog-tile.ts'
import { tileHashes } from '../limits.ts'
import { GrowingTree } from '../merkle/growing-tree.ts'
import { readFrontier } from '../merkle/read-hashes.ts'
import { newTiles, tileHashReader, tileHeight } from '../merkle/tiles.ts'
import { damagedTrail } from './damaged-trail.ts'
import type { TileName } from '../format/tlog-tile.ts'
import type { Tile, TreeHead } from '../interface/merkle.ts'
import type { NewFile } from '../interface/store.ts'
import type { TreeFrontier } from '../merkle/growing-tree.ts'

/** A tree that has grown, and the files that it has and the smaller one had not. */
export interface Growth {
  edge: TreeEdge
  tiles: NewFile[]
}

/** What there is of it in memory. */
interface EdgeInit {
  tree: TreeFrontier
  /** Hashes of the tile of each level that is not full, the lowest first. */
  rows: readonly (readonly Uint8Array[])[]
  entries: readonly Uint8Array[]
}

/** The edge at one size. It does not change: growing makes another one. */
export class TreeEdge {
  readonly head: TreeHead
  readonly #tree: TreeFrontier
  readonly #rows: EdgeInit['rows']
  readonly #entries: EdgeInit['entries']

  constructor ({ tree, rows, entries }: EdgeInit = { tree: { size: 0, frontier: [] }, rows: [], entries: [] }) {
    this.head = { size: tree.size, root: new GrowingTree(tree).root }
    this.#tree = tree
    this.#rows = rows
    this.#entries = entries
  }

  /** The tree with these entries of 32 bytes after those that it has. */
  grow (added: readonly Uint8Array[]): Growth {
    const tree = new GrowingTree(this.#tree)
    const rows = this.#rows.map(row => [...row])
    const entries = [...this.#entries, ...added]
    for (const entry of added) {
      for (const { level, hash } of tree.append(entry)) {
        if (level % tileHeight === 0) (rows[level / tileHeight] ??= []).push(hash)
      }
    }
    const tiles: NewFile[] = []
    for (const tile of newTiles(this.#tree.size, tree.size)) {
      const from = (tile.index - lastTile(tile.level, this.#tree.size).index) * tileHashes
      const of = (items: readonly Uint8Array[] = []): Uint8Array[] => items.slice(from, from + tile.width)
      tiles.push({ path: formatTilePath(tile), bytes: encodeTile(of(rows[tile.level])) })
      if (tile.level === 0) tiles.push({ path: formatTilePath({ ...tile, level: 'entries' }), bytes: encodeEntries(of(entries)) })
    }
    const { size, frontier } = tree
    return { edge: new TreeEdge({ tree: { size, frontier }, rows: rows.map(partOf), entries: partOf(entries) }), tiles }
  }
}

/**
 * Reads the edge of the tree of the first `size` entries.
 *
 * @throws {@link DamagedTrailError} when a tile is missing, or has not as many hashes or entries as it should have
 */
export async function readEdge (size: number, readTile: (tile: TileName) => Promise<Uint8Array | undefined>): Promise<TreeEdge> {
  const read = async (tile: TileName, decode: (bytes: Uint8Array) => Uint8Array[]): Promise<Uint8Array[]> =>
    tile.width === 0 ? [] : itemsOf(tile, await readTile(tile), decode)
  const rows: Uint8Array[][] = []
  for (const tile of partialTiles(size)) rows.push(await read(tile, decodeTile))
  const entries = await read({ ...lastTile(0, size), level: 'entries' }, decodeEntries)
  const frontier = await readFrontier(size, tileHashReader(size, async ({ level }) => encodeTile(rows[level] ?? [])))
  return new TreeEdge({ tree: { size, frontier }, rows, entries })
}

/** Of each level the tile that is not full, of no width where the one before it is; the lowest first. */
export function * partialTiles (size: number): Generator<Tile> {
  for (let level = 0; levelSize(level, size) > 0; level++) yield lastTile(level, size)
}

/** A tile as it is stored while the tree has so many entries. */
export function tileAt (level: TileName['level'], index: number, size: number): TileName {
  const hashes = levelSize(level === 'entries' ? 0 : level, size)
  return { level, index, width: Math.min(tileHashes, hashes - index * tileHashes) }
}

function lastTile (level: number, size: number): Tile {
  const hashes = levelSize(level, size)
  return { level, index: Math.floor(hashes / tileHashes), width: hashes % tileHashes }
}

function levelSize (level: number, size: number): number {
  return Math.floor(size / tileHashes ** level)
}

/** What is not in a full tile. */
function partOf (items: readonly Uint8Array[]): readonly Uint8Array[] {
  return items.slice(items.length - items.length % tileHashes)
}

function itemsOf (tile: TileName, bytes: Uint8Array | undefined, decode: (bytes: Uint8Array) => Uint8Array[]): Uint8Array[] {
  const path = formatTilePath(tile)
  if (bytes === undefined) throw damagedTrail(`${path} is missing`)
  try {
    const items = decode(bytes)
    if (items.length === tile.width) return items
  } catch (cause) {
    throw damagedTrail(`${path} cannot be read`, cause)
  }
  throw damagedTrail(`${path} has ${bytes.byteLength} bytes, which are not those of ${tile.width} hashes or entries`)
}
