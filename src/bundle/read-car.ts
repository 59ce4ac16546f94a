import { setImmediate } from 'node:timers/promises'
import { InvalidMessageError, LimitExceededError, MismatchError } from '../errors.ts'
import { CarDecoder } from '../format/car.ts'
import { checkBlockCid } from '../format/dag-links.ts'
import { asRootCid } from '../format/digest.ts'
import { parseReference } from '../format/reference.ts'
import { carPieceBytesMin, dagBlocksMax, fetchBytesMax, fetchStallTimeoutMs } from '../limits.ts'
import { matchesCid } from '../store/block-key.ts'
import { reportProgress } from '../transfer/report-progress.ts'
import { checkUncompressed } from './compressed.ts'
import type { PieceReader } from './piece-reader.ts'
import type { CarBlock } from '../format/car-sections.ts'
import type { ImportCarOptions } from '../interface/options.ts'
import type { BlockWriter } from '../interface/store.ts'
import type { CID } from 'multiformats/cid'

/**
 * Reads a CAR v1 of one root, and puts every block that hashes to its CID, whether it is below the root or not.
 *
 * @returns the root as a CIDv1; that its block was there is not said
 * @throws {@link InvalidMessageError} when it is compressed, no CAR v1 with one root, shorter or longer than announced, or when
 *   a block does not hash to its CID
 * @throws {@link InvalidReferenceError}, {@link MismatchError} when its root is none of a bundle, or not the expected one
 * @throws {@link InvalidDagError} when a block is named by another hash or codec than bundles have
 * @throws {@link LimitExceededError} when it, its header or a block is larger than it may be
 * @throws {@link TimedOutError} when the source gives nothing for too long
 */
export async function readCar (pieces: PieceReader, into: BlockWriter, options: ImportCarOptions): Promise<CID> {
  return new CarReading(into, options).read(pieces)
}

/** Refuses what is too large before anything is read. @throws {@link LimitExceededError} */
export function checkAnnounced ({ bytesTotal = 0, bytesMax = fetchBytesMax }: ImportCarOptions): void {
  if (bytesTotal > bytesMax) throw tooLarge(bytesMax, bytesTotal)
}

/** Blocks on their way out of one CAR. */
class CarReading {
  readonly #into: BlockWriter
  readonly #options: ImportCarOptions
  readonly #decoder = new CarDecoder()
  /** First bytes of the source, by which compressed files are known. */
  #start: Uint8Array = new Uint8Array()
  #root: CID | undefined
  #bytes = 0
  #blocks = 0
  #reportedBytes = 0

  constructor (into: BlockWriter, options: ImportCarOptions) {
    this.#into = into
    this.#options = options
  }

  /** Puts every block, and returns the root. */
  async read (pieces: PieceReader): Promise<CID> {
    const { signal, stallTimeoutMs = fetchStallTimeoutMs, bytesTotal } = this.#options
    for (;;) {
      const piece = await pieces.next({ signal, stallTimeoutMs })
      if (piece === undefined) break
      this.#count(piece)
      for (const block of this.#decoder.read(piece)) {
        this.#checkRoot()
        await this.#take(block, piece)
      }
      this.#checkRoot()
    }
    if (bytesTotal !== undefined && this.#bytes < bytesTotal) {
      throw new InvalidMessageError(`The CAR ended after ${this.#bytes} of the ${bytesTotal} bytes that were announced`,
        { expected: bytesTotal, actual: this.#bytes })
    }
    this.#decoder.end()
    await this.#report()
    return rootOf(this.#decoder.roots, this.#options)
  }

  /** Before anything is made of the bytes. */
  #count (piece: Uint8Array): void {
    const { bytesMax = fetchBytesMax, bytesTotal } = this.#options
    if (this.#bytes < 4) {
      this.#start = Buffer.concat([this.#start, piece.subarray(0, 4)])
      checkUncompressed(this.#start)
    }
    this.#bytes += piece.byteLength
    if (bytesTotal !== undefined && this.#bytes > bytesTotal) {
      throw new InvalidMessageError(`The CAR has more than the ${bytesTotal} bytes that were announced`,
        { expected: bytesTotal, actual: this.#bytes })
    }
    if (this.#bytes > bytesMax) throw tooLarge(bytesMax, this.#bytes)
  }

  #checkRoot (): void {
    if (this.#root === undefined && this.#decoder.roots !== undefined) this.#root = rootOf(this.#decoder.roots, this.#options)
  }

  async #take ({ cid, bytes, offset }: CarBlock, piece: Uint8Array): Promise<void> {
    checkBlockCid(cid)
    if (++this.#blocks > dagBlocksMax) {
      throw new LimitExceededError(`The CAR has more than ${dagBlocksMax} blocks`,
        { limit: 'dagBlocksMax', max: dagBlocksMax, actual: this.#blocks })
    }
    // A source may use the memory of a piece again, and the block is written later than it is hashed.
    const own = bytes.buffer === piece.buffer ? new Uint8Array(bytes) : bytes
    if (!matchesCid(cid, own)) {
      throw new InvalidMessageError(`The ${own.byteLength} bytes at ${offset} of the CAR do not hash to their CID ${cid.toString()}`,
        { cid: cid.toString(), offset, bytes: own.byteLength })
    }
    await this.#into.put(cid, own, { signal: this.#options.signal })
    if (offset + bytes.byteLength - this.#reportedBytes >= carPieceBytesMin) await this.#report(offset + bytes.byteLength)
  }

  async #report (bytesDone = this.#bytes): Promise<void> {
    const { bytesTotal } = this.#options
    this.#reportedBytes = bytesDone
    const detail = { blocksDone: this.#blocks, bytesDone, ...(bytesTotal === undefined ? {} : { bytesTotal }) }
    reportProgress(this.#options, { type: 'datanode:import:progress', detail })
    // Everything may be in memory already, and the host has other things to do as well.
    await setImmediate()
    this.#options.signal?.throwIfAborted()
  }
}

function tooLarge (bytesMax: number, actual: number): LimitExceededError {
  return new LimitExceededError(`The CAR has ${actual} bytes or more, and ${bytesMax} may be imported: raise bytesMax`,
    { limit: 'bytesMax', max: bytesMax, actual })
}

function rootOf (roots: readonly CID[] = [], options: ImportCarOptions): CID {
  const [first] = roots
  if (first === undefined || roots.length > 1) {
    throw new InvalidMessageError(`The CAR has ${roots.length === 0 ? 'no root' : `${roots.length} roots`}: a bundle is a CAR with one`,
      { roots: roots.map(String) })
  }
  const root = asRootCid(first)
  const actual = root.toString()
  const expected = options.root === undefined ? actual : parseReference(options.root).cid.toString()
  if (expected === actual) return root
  throw new MismatchError(`The CAR is of ${actual}, and ${expected} was expected`, { expected, actual })
}
