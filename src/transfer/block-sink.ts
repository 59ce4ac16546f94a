import { hash } from 'node:crypto'
import { CorruptTransferError, LimitExceededError } from '../errors.ts'
import { blockName, rawCodec } from '../format/dag-links.ts'
import { blockBytesMax, putBytesMax } from '../limits.ts'
import type { CID } from 'multiformats/cid'
import type { BlockReader, BlockWriter } from '../interface/store.ts'

/** Bytes of a leaf that are expected while none has come, where nothing is known. */
const leafBytesDefault = 1 << 18

/** What bounds a fetch. */
export interface BlockSinkInit {
  /** Bytes that the DAG may have. */
  bytesMax: number
  /** Bytes of it that were there before. */
  bytesThere?: number | undefined
  /** Bytes that a leaf is expected to have while none has come. */
  leafBytes?: number | undefined
  /** Bytes that may be on their way to the disk, as it is now; `putBytesMax` when absent. */
  putBytes?: () => number
  signal: AbortSignal
}

/**
 * Where the blocks of one fetch go, whoever sends them: nothing is put that is not the expected block, of the allowed size,
 * with the hash that its CID says.
 */
export class BlockSink {
  readonly root: CID
  readonly #into: BlockReader & BlockWriter
  readonly #bytesMax: number
  readonly #bytesThere: number
  readonly #leafBytes: number
  readonly #putBytes: () => number
  readonly #signal: AbortSignal
  readonly #putting = new Set<Promise<void>>()
  /**
   * Blocks on their way to the disk, by their names; those with links with their bytes, so that whoever goes on from one does
   * not wait for the disk.
   */
  readonly #onTheirWay = new Map<string, Uint8Array | undefined>()
  readonly #leaves = { count: 0, bytes: 0 }
  /** Leaves that are all that is missing, as far as that is known. */
  #foreseen = { count: 0, bytes: 0 }
  #bytes = 0
  #puttingBytes = 0
  /** Resolved when one more is put, for those who wait for room. */
  #onePut: PromiseWithResolvers<undefined> | undefined
  #putFailure: { reason: unknown } | undefined

  constructor (
    root: CID, into: BlockReader & BlockWriter,
    { bytesMax, bytesThere = 0, leafBytes = leafBytesDefault, putBytes = () => putBytesMax, signal }: BlockSinkInit
  ) {
    this.root = root
    this.#into = into
    this.#bytesMax = bytesMax
    this.#bytesThere = bytesThere
    this.#leafBytes = leafBytes
    this.#putBytes = putBytes
    this.#signal = signal
  }

  /** Bytes of the blocks that have come. */
  get bytes (): number {
    return this.#bytes
  }

  /** Bytes that a leaf has on average: of those that are missing where that is known, else of those that have come. */
  get leafBytes (): number {
    if (this.#foreseen.count > 0) return Math.min(blockBytesMax, Math.max(1, this.#foreseen.bytes / this.#foreseen.count))
    const { count, bytes } = this.#leaves
    return count === 0 ? this.#leafBytes : Math.max(1, bytes / count)
  }

  /**
   * Checks the next block of a provider, and counts it.
   *
   * @throws {@link CorruptTransferError} when it is not the block that has to come next
   * @throws {@link LimitExceededError} when more has come than allowed
   */
  verify (expected: CID | undefined, cid: CID, bytes: Uint8Array, peer: string): void {
    if (this.#putFailure !== undefined) throw this.#putFailure.reason
    this.#check(expected, cid, bytes, peer)
    this.#bytes += bytes.length
    if (cid.code === rawCodec) {
      this.#leaves.count++
      this.#leaves.bytes += bytes.length
      this.#foreseen.count--
      this.#foreseen.bytes -= bytes.length
    }
    if (this.#bytesThere + this.#bytes > this.#bytesMax) {
      throw new LimitExceededError(`${this.root.toString()} has more than the ${this.#bytesMax} bytes that may be fetched`,
        { limit: 'bytesMax', max: this.#bytesMax, actual: this.#bytesThere + this.#bytes, root: this.root.toString() })
    }
  }

  /** Told that so many leaves are all that is missing, and how many bytes they have. */
  foresee (leaves: { count: number, bytes: number }): void {
    this.#foreseen = { ...leaves }
  }

  /** @throws {@link StorageFullError} when so many bytes can never be stored */
  expect (bytes: number): void {
    this.#into.expect?.(bytes)
  }

  /** Starts to put a block that was verified. */
  put (cid: CID, bytes: Uint8Array): void {
    // Its memory may be gone when it is put.
    const { length } = bytes
    const put = this.#into.put(cid, bytes, { signal: this.#signal })
    // Small ones are kept in memory, and there is nothing to wait for.
    if (put === undefined) return
    const key = blockName(cid)
    this.#puttingBytes += length
    this.#onTheirWay.set(key, cid.code === rawCodec ? undefined : bytes)
    const end = (): void => {
      this.#puttingBytes -= length
      this.#onTheirWay.delete(key)
      this.#putting.delete(putting)
      this.#onePut?.resolve(undefined)
      this.#onePut = undefined
    }
    const putting: Promise<void> = put.then(end, (reason: unknown) => {
      this.#putFailure ??= { reason }
      end()
    })
    this.#putting.add(putting)
  }

  /** True when a block has come, or was there before. */
  async has (cid: CID): Promise<boolean> {
    return this.#onTheirWay.has(blockName(cid)) || await this.#into.has(cid, { signal: this.#signal })
  }

  /** Reads a block that has come, or was there before. Rejects with what `put` threw, of whatever block. */
  async read (cid: CID): Promise<Uint8Array> {
    if (this.#putFailure !== undefined) throw this.#putFailure.reason
    return this.#onTheirWay.get(blockName(cid)) ?? await this.#into.get(cid, { signal: this.#signal })
  }

  /** Resolves when little enough waits for being put; undefined when it does. Rejects with what `put` threw. */
  room (): Promise<void> | undefined {
    return this.#puttingBytes > this.#putBytes() || this.#putFailure !== undefined ? this.#waitForRoom() : undefined
  }

  /** Resolves when nothing is being put any more. */
  async idle (): Promise<void> {
    while (this.#putting.size > 0) await Promise.all(this.#putting)
  }

  /** Resolves when everything that had come by now is put. Rejects with what `put` threw. */
  async settled (): Promise<void> {
    await Promise.all(this.#putting)
    if (this.#putFailure !== undefined) throw this.#putFailure.reason
  }

  async #waitForRoom (): Promise<void> {
    while (this.#puttingBytes > this.#putBytes()) {
      this.#onePut ??= Promise.withResolvers()
      await this.#onePut.promise
    }
    if (this.#putFailure !== undefined) throw this.#putFailure.reason
  }

  /** The text of a CID costs more than all else of a small block, so it is made only for an error. */
  #check (expected: CID | undefined, cid: CID, bytes: Uint8Array, peer: string): void {
    if (expected === undefined) {
      throw this.#corrupt(peer, cid, `sent block ${cid.toString()} after the last one of ${this.root.toString()}`)
    }
    const isExpected: boolean = cid.equals(expected)
    if (!isExpected) {
      throw this.#corrupt(peer, cid, `sent block ${cid.toString()} of ${this.root.toString()} where ${expected.toString()} has to come`,
        { expected: expected.toString() })
    }
    if (bytes.length > blockBytesMax || !isSha256Of(bytes, cid.multihash.digest)) {
      throw this.#corrupt(peer, cid,
        `sent ${bytes.length} bytes as block ${cid.toString()} of ${this.root.toString()} that do not hash to it`)
    }
  }

  #corrupt (peer: string, cid: CID, what: string, more: { expected?: string } = {}): CorruptTransferError {
    return new CorruptTransferError(`${peer} ${what}`, { peer, root: this.root.toString(), cid: cid.toString(), ...more })
  }
}

/** The hash is compared as text: a buffer takes a third longer to make, and its memory is outside of the heap. */
function isSha256Of (bytes: Uint8Array, digest: Uint8Array): boolean {
  const text = hash('sha256', bytes, 'binary')
  let at = 0
  while (at < text.length && text.charCodeAt(at) === digest[at]) at++
  return at === text.length && at === digest.length
}
