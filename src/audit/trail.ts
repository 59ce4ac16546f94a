/**
 * An audit trail on disk: the log of a node's statements, which only grows (RFC 6962; https://c2sp.org/tlog-tiles).
 *
 * ```
 * key                                     audit key: binds what signs the checkpoints to the node
 * checkpoint                              the latest signed note
 * tile/<level>/<index>[.p/<width>]        hashes
 * tile/entries/<index>[.p/<width>]        entries: digests of statements, 32 bytes each
 * ```
 *
 * All files are written as a whole and put in place of what had their names. Appending is done in this order:
 *
 * 1. tiles and entries that are new or fuller: bytes and names are on the drive
 * 2. the checkpoint that commits to them, in place of the one before, on the drive: with it the entries are appended
 * 3. only then is it said or shown to anybody
 * 4. partial tiles of the tree before are removed
 *
 * A tile is read under the name that it has at the size of the checkpoint. So whatever a crash leaves beyond the checkpoint is
 * read by nobody, and the next open cuts it. A checkpoint that was shown is on the drive, so that each later one continues it.
 * Where a failing drive leaves it unknown which one is, the last one that was shown is put there again before anything else is
 * written.
 */
import { equals } from 'multiformats/bytes'
import { InvalidArgumentError } from '../errors.ts'
import { Slots } from '../format/slots.ts'
import { tileHashes, trailBatchMax } from '../limits.ts'
import { proveConsistency, verifyConsistency } from '../merkle/consistency.ts'
import { proveInclusion, verifyInclusion } from '../merkle/inclusion.ts'
import { readRoot } from '../merkle/read-hashes.ts'
import { damagedTrail } from './damaged-trail.ts'
import { EntryFinder } from './entry-finder.ts'
import { cutBeyond, removePartials } from './stale-tiles.ts'
import { readTile, StoredTiles } from './stored-tiles.ts'
import { openCheckpoint, placeCheckpoint, signCheckpoint } from './trail-checkpoint.ts'
import { readEdge } from './tree-edge.ts'
import type { AuditKey } from '../format/audit-key.ts'
import type { SignedNote } from '../format/signed-note.ts'
import type { TileName } from '../format/tlog-tile.ts'
import type { TreeHead } from '../interface/merkle.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { DurableFiles } from '../interface/store.ts'
import type { TrailSigner } from './trail-checkpoint.ts'
import type { TreeEdge } from './tree-edge.ts'

/** What a trail is opened with. */
export interface TrailInit {
  files: DurableFiles
  signer: TrailSigner
  /** One line an event. */
  log: (line: string) => void
}

/** What a trail had when it was opened. */
interface OpenedTrail {
  auditKey: AuditKey
  note: SignedNote
  edge: TreeEdge
}

/**
 * Opens the trail of a directory, or begins it. Of its tiles only the last one of each level is read.
 *
 * @throws {@link DamagedTrailError} when what is there is not what its checkpoint says, or of another log
 * @throws {@link StorageError} when the file system refuses
 */
export async function openTrail (init: TrailInit): Promise<Trail> {
  const { files, signer, log } = init
  const { auditKey, note, head } = await openCheckpoint(files, signer)
  const edge = await readEdge(head.size, async tile => await readTile(files, tile))
  if (!equals(edge.head.root, head.root)) throw damagedTrail('its last tiles do not lead to the root that its checkpoint has')
  await cutBeyond(files, head.size, log)
  return new Trail(init, { auditKey, note, edge })
}

/** An open audit trail. Nobody else may have the same directory open. */
export class Trail {
  /** Who signs the checkpoints, in the node's own word. */
  readonly auditKey: AuditKey
  readonly #init: TrailInit
  readonly #tiles: StoredTiles
  readonly #finder = new EntryFinder(async tile => await this.#tiles.entries(tile))
  readonly #turns = new Slots(1)
  #edge: TreeEdge
  #note: SignedNote
  /** True when another checkpoint may be on the drive, which nobody has seen. */
  #isDoubtful = false

  constructor (init: TrailInit, { auditKey, note, edge }: OpenedTrail) {
    this.auditKey = auditKey
    this.#init = init
    this.#tiles = new StoredTiles(init.files, () => this.size)
    this.#edge = edge
    this.#note = note
  }

  get size (): number {
    return this.#edge.head.size
  }

  /** Hash of the tree: 32 bytes. */
  get root (): Uint8Array {
    return this.#edge.head.root
  }

  /** The latest checkpoint. It is on the drive. */
  get checkpoint (): SignedNote {
    return this.#note
  }

  /**
   * The checkpoint of the first `size` entries: signed anew when it is not the latest, with the same bytes each time.
   *
   * @throws {@link InvalidArgumentError} when the trail has not so many entries
   */
  async checkpointAt (size: number, options: AbortOptions = {}): Promise<SignedNote> {
    const note = this.#note
    return size === this.size ? note : await signCheckpoint(this.#init.signer, await this.headAt(size, options))
  }

  /**
   * Appends entries of 32 bytes in their order. When it resolves they are on the drive, under a checkpoint. When it rejects, or
   * the process dies before, the first of them may be, in whole batches.
   *
   * @throws {@link InvalidArgumentError} when one is not 32 bytes, and nothing is appended
   * @throws {@link StorageFullError} when there is no room for them
   * @throws {@link StorageError} when the file system refuses
   */
  async append (entries: readonly Uint8Array[], options: AbortOptions = {}): Promise<void> {
    for (const entry of entries) checkEntry(entry)
    await this.#turns.run(async () => {
      for (let at = 0; at < entries.length; at += trailBatchMax) {
        options.signal?.throwIfAborted()
        await this.#appendBatch(entries.slice(at, at + trailBatchMax))
      }
    }, options)
  }

  /**
   * Reads entries from an index up to, and without, another one; all that there are by default.
   *
   * @throws {@link InvalidArgumentError} when the trail has not so many
   * @throws {@link DamagedTrailError} when they cannot be read
   */
  async * entries (from = 0, to: number = this.size): AsyncGenerator<Uint8Array> {
    this.#checkSize(to)
    for (let at = from; at < to;) {
      const tile = Math.floor(at / tileHashes)
      const [first, end] = [tile * tileHashes, Math.min(to, (tile + 1) * tileHashes)]
      yield * (await this.#tiles.entries(tile)).slice(at - first, end - first)
      at = end
    }
  }

  /** A tile as it is, or was, while the tree had it so wide. @throws {@link DamagedTrailError} when it cannot be read */
  async readTile (tile: TileName): Promise<Uint8Array> {
    return await this.#tiles.read(tile)
  }

  /** Index of an entry; undefined when there is none. The first call reads all entries. */
  async find (entry: Uint8Array, options: AbortOptions = {}): Promise<number | undefined> {
    checkEntry(entry)
    return await this.#finder.find(entry, this.size, options)
  }

  /**
   * The tree of the first `size` entries.
   *
   * @throws {@link InvalidArgumentError} when the trail has not so many entries
   * @throws {@link DamagedTrailError} when tiles cannot be read
   */
  async headAt (size: number, options: AbortOptions = {}): Promise<TreeHead> {
    this.#checkSize(size)
    return { size, root: size === this.size ? this.root : await readRoot(size, this.#tiles.hashes(size), options) }
  }

  /**
   * The proof that the tree of the first `size` entries has the one at `index`: hashes of 32 bytes.
   *
   * @throws {@link InvalidProofError} when it has no such entry
   * @throws {@link InvalidArgumentError} when the trail has not so many entries
   * @throws {@link DamagedTrailError} when the tiles do not lead to one root
   */
  async proveInclusion (index: number, size: number = this.size, options: AbortOptions = {}): Promise<Uint8Array[]> {
    const tree = await this.headAt(size, options)
    const proof = await proveInclusion(index, size, this.#tiles.hashes(size), options)
    for await (const entry of this.entries(index, index + 1)) checkProof(() => { verifyInclusion({ entry, index, tree }, proof) })
    return proof
  }

  /**
   * The proof that the tree of the first `laterSize` entries begins with all of the one of `earlierSize`: hashes of 32 bytes.
   *
   * @throws {@link SmallerTreeError} when the later tree is smaller
   * @throws {@link InvalidArgumentError} when the trail has not so many entries
   * @throws {@link DamagedTrailError} when the tiles do not lead to one root
   */
  async proveConsistency (earlierSize: number, laterSize: number = this.size, options: AbortOptions = {}): Promise<Uint8Array[]> {
    const later = await this.headAt(laterSize, options)
    const proof = await proveConsistency(earlierSize, laterSize, this.#tiles.hashes(laterSize), options)
    const earlier = await this.headAt(earlierSize, options)
    checkProof(() => { verifyConsistency({ earlier, later }, proof) })
    return proof
  }

  async #appendBatch (entries: readonly Uint8Array[]): Promise<void> {
    const { files, signer, log } = this.#init
    const { edge, tiles } = this.#edge.grow(entries)
    const note = await signCheckpoint(signer, edge.head)
    if (this.#isDoubtful) await placeCheckpoint(files, this.#note)
    this.#isDoubtful = false
    await files.place(tiles)
    this.#isDoubtful = true
    await placeCheckpoint(files, note)
    this.#isDoubtful = false
    const before = this.size
    this.#edge = edge
    this.#note = note
    await removePartials(files, { before, after: this.size }, log)
  }

  #checkSize (size: number): void {
    if (size <= this.size) return
    throw new InvalidArgumentError(`The trail has ${this.size} entries, and not ${size}`, { size, actual: this.size })
  }
}

function checkEntry (entry: Uint8Array): void {
  if (entry.byteLength === 32) return
  throw new InvalidArgumentError(`An entry of a trail has 32 bytes, and not ${entry.byteLength}`, { actual: entry.byteLength })
}

function checkProof (verify: () => void): void {
  try {
    verify()
  } catch (cause) {
    throw damagedTrail('its tiles do not lead to one root', cause)
  }
}
