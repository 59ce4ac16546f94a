/**
 * A copy of another node's log on disk, as far as that was seen and checked:
 *
 * ```
 * seen                                    the newest checkpoint that was seen, see seen-checkpoint.ts
 * tile/<level>/<index>[.p/<width>]        hashes, all of them computed here
 * tile/entries/<index>[.p/<width>]        entries
 * ```
 *
 * It grows by entries alone, and only when these lead to the root that the node signed. New tiles are on the drive before the
 * checkpoint that commits to them. Where the tiles are damaged they are made again: what was seen is not forgotten for that.
 */
import { equals } from 'multiformats/bytes'
import { DamagedTrailError, ProofMismatchError } from '../errors.ts'
import { decodeSeenCheckpoint, encodeSeenCheckpoint } from '../format/seen-checkpoint.ts'
import { seenCheckpointBytesMax, tileHashes, trailBatchMax } from '../limits.ts'
import { damagedTrail } from './damaged-trail.ts'
import { verifyKept } from './kept-checkpoints.ts'
import { cutBeyond, removePartials } from './stale-tiles.ts'
import { readTile, StoredTiles } from './stored-tiles.ts'
import { readEdge, TreeEdge } from './tree-edge.ts'
import type { HashReader } from '../interface/merkle.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { DurableFiles } from '../interface/store.ts'
import type { KeptCheckpoint } from './kept-checkpoints.ts'

/** What it is made of. */
export interface MirrorInit {
  files: DurableFiles
  log: (line: string) => void
}

/** How to grow. */
interface Step {
  read: ReadEntries
  /** Size whose tiles stay. */
  keep: number
}

/** Gives entries of a log from an index on, up to a full tile's end or `to`. */
export type ReadEntries = (from: number, to: number, options: AbortOptions) => Promise<readonly Uint8Array[]>

/**
 * Opens the copy in a directory, or begins it. Of its tiles only the last one of each level is read.
 *
 * @throws {@link DamagedTrailError} when what was seen cannot be read
 */
export async function openMirror (init: MirrorInit): Promise<Mirror> {
  const { files, log } = init
  const bytes = await files.read('seen', seenCheckpointBytesMax)
  if (bytes === undefined) return new Mirror(init, undefined, new TreeEdge())
  const seen = readSeen(bytes)
  const { size, root } = seen.checkpoint
  try {
    const edge = await readEdge(size, async tile => await readTile(files, tile))
    if (!equals(edge.head.root, root)) throw damagedTrail('its last tiles do not lead to the root that was seen')
    await cutBeyond(files, size, log)
    return new Mirror(init, seen, edge)
  } catch (error) {
    if (!(error instanceof DamagedTrailError)) throw error
    log(`the copy of ${seen.checkpoint.origin} is made again: ${error.message}`)
    return new Mirror(init, seen, new TreeEdge())
  }
}

/** An open copy. */
export class Mirror {
  readonly #init: MirrorInit
  readonly #tiles: StoredTiles
  #seen: KeptCheckpoint | undefined
  #edge: TreeEdge

  constructor (init: MirrorInit, seen: KeptCheckpoint | undefined, edge: TreeEdge) {
    this.#init = init
    this.#seen = seen
    this.#edge = edge
    this.#tiles = new StoredTiles(init.files, () => this.#edge.head.size)
  }

  /** The newest checkpoint that was seen; undefined before the first one. */
  get seen (): KeptCheckpoint | undefined {
    return this.#seen
  }

  /** True when all entries of that checkpoint are there. */
  get isComplete (): boolean {
    return this.#edge.head.size === (this.#seen?.checkpoint.size ?? 0)
  }

  /** Hashes of the tree of the first `size` entries. */
  hashes (size: number): HashReader {
    return this.#tiles.hashes(size)
  }

  /** Entries of one tile, all that there are. */
  async entriesOf (tile: number): Promise<Uint8Array[]> {
    return await this.#tiles.entries(tile)
  }

  /**
   * Grows to a verified checkpoint of the same log, by the entries that `read` gives. When it resolves all is on the drive.
   *
   * @throws {@link ProofMismatchError} when the entries do not lead to what was seen before and to the checkpoint; nothing
   *   changes
   */
  async grow (target: KeptCheckpoint, read: ReadEntries, options: AbortOptions = {}): Promise<void> {
    const { files, log } = this.#init
    const seen = this.#seen?.checkpoint ?? { size: 0, root: this.#edge.head.root }
    const before = this.#seen === undefined ? 0 : seen.size
    let edge = this.#edge
    for (const stop of [seen, target.checkpoint]) {
      while (edge.head.size < stop.size) {
        options.signal?.throwIfAborted()
        edge = await this.#growTo(edge, nextStop(edge.head.size, stop.size), { read, keep: before }, options)
      }
      if (edge.head.size === stop.size && !equals(edge.head.root, stop.root)) {
        throw new ProofMismatchError(`The entries of ${target.checkpoint.origin} do not lead to the root of its checkpoint of ${stop.size}`,
          { size: stop.size })
      }
    }
    const { auditKey, note } = target
    await files.place([{ path: 'seen', bytes: encodeSeenCheckpoint({ auditKey, note }) }])
    this.#seen = target
    this.#edge = edge
    await removePartials(files, { before, after: edge.head.size }, log)
  }

  /** The tiles of what was seen stay until there is a newer checkpoint. */
  async #growTo (edge: TreeEdge, size: number, { read, keep }: Step, options: AbortOptions): Promise<TreeEdge> {
    const { files, log } = this.#init
    const before = edge.head.size
    const grown = edge.grow(await read(before, size, options))
    if (grown.edge.head.size !== size) throw new ProofMismatchError(`There are not ${size - before} entries from ${before} on`, { size })
    await files.place(grown.tiles)
    if (before !== keep) await removePartials(files, { before, after: size }, log)
    return grown.edge
  }
}

/** Ends of tiles, so that none is written twice. */
function nextStop (from: number, to: number): number {
  return Math.min(to, Math.floor((from + trailBatchMax) / tileHashes) * tileHashes)
}

function readSeen (bytes: Uint8Array): KeptCheckpoint {
  try {
    return verifyKept(decodeSeenCheckpoint(bytes))
  } catch (cause) {
    throw damagedTrail('what was seen of a followed log cannot be read', cause)
  }
}
