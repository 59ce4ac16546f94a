import { equals } from 'multiformats/bytes'
import { CorruptTransferError, DataNodeError, FileNotFoundError, InvalidForkError, ProofMismatchError } from '../errors.ts'
import { openBundle } from '../bundle/open.ts'
import { forEachConcurrent } from '../format/concurrent.ts'
import { decodeEntries, formatTilePath } from '../format/tlog-tile.ts'
import { followedEntriesMax, tileHashes, tileReadConcurrency, trailDatasetsBytesMax } from '../limits.ts'
import { proveConsistency, verifyConsistency } from '../merkle/consistency.ts'
import { readRoot } from '../merkle/read-hashes.ts'
import { tileHashReader } from '../merkle/tiles.ts'
import { verifyFork } from '../format/fork.ts'
import { tileBytesMax } from './stored-tiles.ts'
import { tileAt } from './tree-edge.ts'
import type { HandleComponents } from '../bundle/bundle-handle.ts'
import type { FetchComponents } from '../bundle/fetch.ts'
import type { Fork } from '../format/fork.ts'
import type { TileName } from '../format/tlog-tile.ts'
import type { Bundle } from '../interface/bundle.ts'
import type { HashReader } from '../interface/merkle.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { CID } from 'multiformats/cid'
import type { KeptCheckpoint } from './kept-checkpoints.ts'

/** What reading a trail of another node needs. */
export type RemoteTrailComponents = HandleComponents & FetchComponents

/** Whose trail it is. */
export interface OpenRemoteTrailOptions {
  peerId: string
  /** The checkpoint that it has to have. */
  target: KeptCheckpoint
  signal: AbortSignal
}

/** Bytes of a whole trail, with its directories. */
const bytesMax = followedEntriesMax * 70

/** Opens the bundle of a trail. What is read of it is fetched from one peer when it is read. */
export async function openRemoteTrail (
  components: RemoteTrailComponents, root: CID, { peerId, target, signal }: OpenRemoteTrailOptions
): Promise<RemoteTrail> {
  return new RemoteTrail(await openBundle(components, root, { providers: [peerId], bytesMax, signal }), target, peerId)
}

/** The trail of another node at one checkpoint, as its bundle has it. Nothing that it holds is believed. */
export class RemoteTrail {
  readonly #bundle: Pick<Bundle, 'bytes' | 'close'>
  readonly #target: KeptCheckpoint
  readonly #peerId: string

  constructor (bundle: Pick<Bundle, 'bytes' | 'close'>, target: KeptCheckpoint, peerId: string) {
    this.#bundle = bundle
    this.#target = target
    this.#peerId = peerId
  }

  /**
   * Holds it against what was seen before, reading a few tiles.
   *
   * @returns the proof of a fork; undefined when the checkpoint continues what was seen
   * @throws {@link CorruptTransferError} when the bundle does not have the tree of its checkpoint
   */
  async compare (seen: KeptCheckpoint | undefined, options: AbortOptions): Promise<Fork | undefined> {
    const { checkpoint: later } = this.#target
    const hashes = this.#hashes(options)
    if (!equals(await this.#checked(options, async () => await readRoot(later.size, hashes, options)), later.root)) throw this.#corrupt('another root')
    if (seen === undefined) return undefined
    const { checkpoint: earlier } = seen
    const proof = await this.#checked(options, async () => await proveConsistency(earlier.size, later.size, hashes, options))
    try {
      verifyConsistency({ earlier, later }, proof)
      return undefined
    } catch (error) {
      if (!(error instanceof ProofMismatchError)) throw error
    }
    const root = await this.#checked(options, async () => await readRoot(earlier.size, hashes, options))
    const fork = { earlier: seen, later: this.#target, root, proof }
    try {
      verifyFork(fork)
      return fork
    } catch (error) {
      if (error instanceof InvalidForkError) throw this.#corrupt('hashes that do not belong together', error)
      throw error
    }
  }

  /** Entries from an index up to, and without, another one. */
  async entries (from: number, to: number, options: AbortOptions): Promise<Uint8Array[]> {
    const first = Math.floor(from / tileHashes)
    const tiles = Array.from({ length: Math.ceil(to / tileHashes) - first }, (_, at) => first + at)
    const entries: Uint8Array[][] = []
    await forEachConcurrent(tiles, tileReadConcurrency, async index => {
      const tile = tileAt('entries', index, this.#target.checkpoint.size)
      entries[index - first] = await this.#checked(options, async () => decodeEntries(await this.#read(tile, options)))
    })
    return entries.flat().slice(from - first * tileHashes, to - first * tileHashes)
  }

  /** What it says of datasets, in bytes that nobody has checked; undefined where it says nothing. */
  async datasets (options: AbortOptions): Promise<Uint8Array | undefined> {
    try {
      return await this.#bundle.bytes('datasets.json', { ...options, bytesMax: trailDatasetsBytesMax })
    } catch (error) {
      if (error instanceof FileNotFoundError) return undefined
      throw error
    }
  }

  async close (): Promise<void> {
    await this.#bundle.close()
  }

  #hashes (options: AbortOptions): HashReader {
    const { size } = this.#target.checkpoint
    return tileHashReader(size, async tile => await this.#read(tileAt(tile.level, tile.index, size), options))
  }

  async #read (tile: TileName, options: AbortOptions): Promise<Uint8Array> {
    return await this.#bundle.bytes(formatTilePath(tile), { ...options, bytesMax: tileBytesMax })
  }

  /** What is wrong with what the peer has is said of the peer; what can be tried again is left as it is. */
  async #checked<T> ({ signal }: AbortOptions, step: () => Promise<T>): Promise<T> {
    try {
      return await step()
    } catch (error) {
      signal?.throwIfAborted()
      if (error instanceof DataNodeError && !error.retryable) throw this.#corrupt('something else', error)
      throw error
    }
  }

  #corrupt (what: string, cause?: unknown): CorruptTransferError {
    const { origin, size } = this.#target.checkpoint
    return new CorruptTransferError(`${this.#peerId} shows a checkpoint of ${size} entries of ${origin}, and a trail that has ${what}`,
      { peer: this.#peerId, cause })
  }
}
