/**
 * What a dataset bundle keeps of the trees of its tables, so that the proof of a row is made without reading all of them:
 * `rows.tiles`. For each line of `rows.jsonl` (see `table-rows.ts`), in their order, it has of the n rows of that table
 *
 * ```
 * hashes   of each 256 rows, ⌊n / 256⌋ of them; then of each 256^2 rows, ⌊n / 256^2⌋; and so on, while there are any
 * rest     the hashes of the last n mod 256 rows, one by one
 * starts   of JSON Lines and CSV: of each 256 rows, and of the rest, where the first stands in the file, in 8 bytes (big-endian)
 * ```
 *
 * Hashes have 32 bytes, and are those of complete subtrees as in tiles of C2SP (see `merkle/tiles.ts`), without the full tiles of
 * level 0, which are made from the rows. Nothing vouches for it but that the proofs that are made with it lead to the root.
 */
import { tileHashes } from '../limits.ts'
import type { HashedNode, Tile } from '../interface/merkle.ts'
import type { TableRows } from './table-rows.ts'
import { concat } from './protobuf.ts'

/** Where a bundle has it. */
export const rowTilesPath = 'rows.tiles'

const hashBytes = 32
const startBytes = 8
const tileLevels = 8

/** Some bytes of what is kept of one table, from its first byte on. */
export interface TileRange {
  offset: number
  length: number
}

type KeptTable = Pick<TableRows, 'rows' | 'table'>

/** Collects what is kept of one table, row by row. */
export class RowTiles {
  readonly #levels: Uint8Array[][] = []
  readonly #starts: number[] = []
  #rest: Uint8Array[] = []
  #rows = 0

  /**
   * Takes the next row.
   *
   * @param complete - the subtrees that are complete with it
   * @param start - where it stands in the file
   */
  append (complete: readonly HashedNode[], start: number): void {
    if (this.#rows++ % tileHashes === 0) {
      this.#starts.push(start)
      this.#rest = []
    }
    for (const { level, hash } of complete) {
      if (level === 0) this.#rest.push(hash)
      else if (level % tileLevels === 0) (this.#levels[level / tileLevels - 1] ??= []).push(hash)
    }
  }

  bytes (table: TableRows['table']): Uint8Array<ArrayBuffer> {
    const starts = new DataView(new ArrayBuffer(table === 'parquet' ? 0 : this.#starts.length * startBytes))
    if (table !== 'parquet') for (const [at, start] of this.#starts.entries()) starts.setBigUint64(at * startBytes, BigInt(start))
    const rest = this.#rest.slice(0, this.#rows % tileHashes)
    return concat([...this.#levels.flat(), ...rest, new Uint8Array(starts.buffer)])
  }
}

/** Bytes that are kept of one table. */
export function rowTilesBytes ({ rows, table }: KeptTable): number {
  const starts = table === 'parquet' ? 0 : Math.ceil(rows / tileHashes) * startBytes
  return restOffset(rows) + rows % tileHashes * hashBytes + starts
}

/** Where the hashes of a tile are kept; undefined when they are made from rows. */
export function tileRange ({ rows }: KeptTable, { level, index, width }: Tile): TileRange | undefined {
  const length = width * hashBytes
  if (level > 0) return { offset: levelOffset(rows, level) + index * tileHashes * hashBytes, length }
  return width < tileHashes ? { offset: restOffset(rows), length } : undefined
}

/** Where it is kept at which place in the file the rows of a tile start, and those of the next one, if there is one. */
export function startsRange ({ rows }: KeptTable, index: number): TileRange {
  const isLast = (index + 1) * tileHashes >= rows
  const offset = restOffset(rows) + rows % tileHashes * hashBytes + index * startBytes
  return { offset, length: isLast ? startBytes : 2 * startBytes }
}

/** Reads such places. */
export function decodeStarts (bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: bytes.byteLength / startBytes }, (_, at) => Number(view.getBigUint64(at * startBytes)))
}

function levelOffset (rows: number, level: number): number {
  let offset = 0
  for (let below = 1; below < level; below++) offset += Math.floor(rows / tileHashes ** below) * hashBytes
  return offset
}

function restOffset (rows: number): number {
  let offset = 0
  for (let count = Math.floor(rows / tileHashes); count > 0; count = Math.floor(count / tileHashes)) offset += count * hashBytes
  return offset
}
