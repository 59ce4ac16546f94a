import { decodeEntries, formatTilePath } from '../format/tlog-tile.ts'
import { tileHashes } from '../limits.ts'
import { tileHashReader } from '../merkle/tiles.ts'
import { damagedTrail } from './damaged-trail.ts'
import { tileAt } from './tree-edge.ts'
import type { TileName } from '../format/tlog-tile.ts'
import type { HashReader } from '../interface/merkle.ts'
import type { DurableFiles } from '../interface/store.ts'

const hashBytes = 32
/** Each has 32, after its length. */
const entryBytes = 34

/** Bytes of a full tile of entries. */
export const tileBytesMax: number = tileHashes * entryBytes

/** Reads a tile; undefined when there is none of that name. */
export async function readTile (files: Pick<DurableFiles, 'read'>, tile: TileName): Promise<Uint8Array | undefined> {
  return await files.read(formatTilePath(tile), tileBytesMax)
}

/** The tiles of a tree that grows. */
export class StoredTiles {
  readonly #files: Pick<DurableFiles, 'read'>
  readonly #size: () => number

  /** @param size - entries of the tree that is stored: the files that it had before are there until it says a larger one */
  constructor (files: Pick<DurableFiles, 'read'>, size: () => number) {
    this.#files = files
    this.#size = size
  }

  /** Hashes of the tree of the first `size` entries. */
  hashes (size: number): HashReader {
    return tileHashReader(size, async ({ level, index }) => await this.#read(level, index))
  }

  /** All entries of a tile. @throws {@link DamagedTrailError} when they cannot be read */
  async entries (tile: number): Promise<Uint8Array[]> {
    const bytes = await this.#read('entries', tile)
    try {
      return decodeEntries(bytes)
    } catch (cause) {
      throw damagedTrail(`its entries from ${tile * tileHashes} on cannot be read`, cause)
    }
  }

  /** A tile as it is, or was, while the tree had it so wide. @throws {@link DamagedTrailError} when it cannot be read */
  async read ({ level, index, width }: TileName): Promise<Uint8Array> {
    const bytes = await this.#read(level, index)
    return bytes.subarray(0, width * (level === 'entries' ? entryBytes : hashBytes))
  }

  /** Under the name that it has at the size of the tree. When that has become a larger one meanwhile, it may have another. */
  async #read (level: TileName['level'], index: number): Promise<Uint8Array> {
    for (;;) {
      const size = this.#size()
      const tile = tileAt(level, index, size)
      const bytes = await readTile(this.#files, tile)
      if (bytes !== undefined) return bytes
      if (this.#size() === size) throw damagedTrail(`${formatTilePath(tile)} is missing`)
    }
  }
}
