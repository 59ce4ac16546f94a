import { hash } from 'node:crypto'
import { CorruptTransferError, LimitExceededError } from '../errors.ts'
import { DagWalk } from '../format/dag-walk.ts'
import { blockBytesMax, putBytesMax } from '../limits.ts'
import type { CID } from 'multiformats/cid'
import type { DagStep } from '../format/dag-walk.ts'
import type { DagRequest } from '../format/messages.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader, BlockWriter } from '../interface/store.ts'
import type { DagPosition, FetchDagOptions } from '../interface/transfer.ts'

/** Which part of a DAG is fetched, and how much of it at most. */
export type FrontierOptions = Pick<FetchDagOptions, 'from' | 'to' | 'mode' | 'bytesMax'>

/**
 * What of a DAG has come, and which block is expected next. Providers come and go; this stays.
 *
 * Nothing is put that is not the expected block, of the allowed size, with the hash that its CID says.
 */
export class Frontier {
  readonly root: CID
  readonly #into: BlockReader & BlockWriter
  readonly #from: DagPosition
  readonly #to: DagPosition | undefined
  readonly #mode: 'all' | 'inner'
  readonly #bytesMax: number
  readonly #signal: AbortSignal
  readonly #walk: DagWalk
  readonly #putting = new Set<Promise<void>>()
  #expected: DagStep | undefined
  #bytes = 0
  #puttingBytes = 0
  #putFailure: { reason: unknown } | undefined

  constructor (root: CID, into: BlockReader & BlockWriter, options: FrontierOptions, signal: AbortSignal) {
    const { from = [], to, mode = 'all', bytesMax } = options
    this.root = root
    this.#into = into
    this.#from = from
    this.#to = to
    this.#mode = mode
    this.#bytesMax = bytesMax
    this.#signal = signal
    this.#walk = new DagWalk(root, { from, to, mode, since: from })
  }

  /** The block that has to come next; undefined when everything has come. */
  get expected (): DagStep | undefined {
    return this.#expected
  }

  /** Bytes of the blocks that have come. */
  get bytes (): number {
    return this.#bytes
  }

  /** True when the whole DAG is fetched, so that its size says how much there is to come. */
  get isWhole (): boolean {
    return this.#from.length === 0 && this.#to === undefined && this.#mode === 'all'
  }

  /**
   * Says how many bytes the whole DAG has, before the first of them comes.
   *
   * @throws {@link StorageFullError} when so many can never be stored
   */
  announce (bytes: number): void {
    this.#into.expect?.(bytes)
  }

  /** Reads the blocks above the interval, and finds the first one of it. */
  async start (): Promise<void> {
    for (;;) {
      this.#expected = this.#walk.next()
      if (this.#expected === undefined || this.#expected.wanted) return
      this.#walk.supply(await this.#into.get(this.#expected.cid, { signal: this.#signal }))
    }
  }

  /** What is still missing, counting as sent what has come. */
  request (): DagRequest {
    return { root: this.root, mode: this.#mode, from: this.#expected?.position ?? [], to: this.#to, since: this.#from }
  }

  /** Up to `count` blocks that are likely to be expected after the current one. */
  ahead (count: number): CID[] {
    return this.#walk.ahead(count)
  }

  /**
   * Takes the next block of a provider, puts it, and moves on.
   *
   * @throws {@link CorruptTransferError} when it is not the block that has to come next
   * @throws {@link LimitExceededError} when more has come than allowed, or the DAG is too deep, too wide or too large
   * @throws {@link InvalidDagError} when the DAG itself is not what a bundle may be
   */
  accept (cid: CID, bytes: Uint8Array, peer: string): void {
    if (this.#putFailure !== undefined) throw this.#putFailure.reason
    this.#check(cid, bytes, peer)
    this.#bytes += bytes.length
    if (this.#bytes > this.#bytesMax) {
      throw new LimitExceededError(`${this.root.toString()} has more than the ${this.#bytesMax} bytes that may be fetched`,
        { limit: 'bytesMax', max: this.#bytesMax, actual: this.#bytes, root: this.root.toString() })
    }
    this.#walk.supply(bytes)
    this.#put(cid, bytes)
    this.#expected = this.#walk.next()
  }

  /** Resolves when little enough waits for being put. Rejects with what `put` threw. */
  async room (): Promise<void> {
    while (this.#puttingBytes > putBytesMax) await Promise.race(this.#putting)
    if (this.#putFailure !== undefined) throw this.#putFailure.reason
  }

  /** Resolves when nothing is being put any more. */
  async idle (): Promise<void> {
    while (this.#putting.size > 0) await Promise.all(this.#putting)
  }

  /** Resolves when everything that has come is put. Rejects with what `put` threw. */
  async settled (): Promise<void> {
    await this.idle()
    if (this.#putFailure !== undefined) throw this.#putFailure.reason
  }

  #check (cid: CID, bytes: Uint8Array, peer: string): void {
    const expected = this.#expected
    const root = this.root.toString()
    if (expected === undefined) {
      throw new CorruptTransferError(`${peer} sent block ${cid.toString()} after the last one of ${root}`,
        { peer, root, cid: cid.toString() })
    }
    const wanted = expected.cid.toString()
    if (!cid.equals(expected.cid)) {
      throw new CorruptTransferError(`${peer} sent block ${cid.toString()} of ${root} where ${wanted} has to come`,
        { peer, root, cid: cid.toString(), expected: wanted })
    }
    if (bytes.length > blockBytesMax || !sha256(bytes).equals(cid.multihash.digest)) {
      throw new CorruptTransferError(`${peer} sent ${bytes.length} bytes as block ${wanted} of ${root} that do not hash to it`,
        { peer, root, cid: wanted })
    }
  }

  #put (cid: CID, bytes: Uint8Array): void {
    const options: AbortOptions = { signal: this.#signal }
    this.#puttingBytes += bytes.length
    const putting = this.#into.put(cid, bytes, options).catch((reason: unknown) => {
      this.#putFailure ??= { reason }
    }).finally(() => {
      this.#puttingBytes -= bytes.length
      this.#putting.delete(putting)
    })
    this.#putting.add(putting)
  }
}

function sha256 (bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer')
}
