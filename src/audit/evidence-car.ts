import { sha256 } from '@noble/hashes/sha2.js'
import { equals } from 'multiformats/bytes'
import { openByteSource, pieceOf } from '../bundle/byte-source.ts'
import { readBytesSource } from '../bundle/source-stream.ts'
import { DataNodeError, InvalidEvidenceError } from '../errors.ts'
import { CarDecoder, encodeCarHeader } from '../format/car.ts'
import { asRootCid } from '../format/digest.ts'
import { concat } from '../format/protobuf.ts'
import { quote } from '../format/quote.ts'
import { untilAborted } from '../format/until-aborted.ts'
import { evidenceTurnBytes } from '../limits.ts'
import { invalidEvidence } from './invalid-evidence.ts'
import type { CarBlock } from '../format/car.ts'
import type { OpenSource } from '../bundle/byte-source.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { ByteSource } from '../interface/source.ts'
import type { CID } from 'multiformats/cid'

/** More than the header of any file with one root has. */
const startBytes = 128

/**
 * Reads a file of evidence block by block, each of which is known before it is read: so there is no byte in it that could be
 * another one. Holds one piece of the file at a time.
 */
export class EvidenceCar {
  readonly #source: OpenSource
  readonly #signal: AbortSignal | undefined
  readonly #decoder = new CarDecoder()
  /** First bytes of the file. */
  #start: Uint8Array<ArrayBuffer> = new Uint8Array()
  #reading: Iterator<CarBlock> | undefined
  /** Came with the header. */
  #first: CarBlock | undefined
  #bytes = 0
  #blocks = 0
  #turnBytes = 0

  /** @throws {@link InvalidArgumentError} when it is no source of bytes */
  constructor (file: Uint8Array | ByteSource, { signal }: AbortOptions = {}) {
    this.#source = openByteSource(file instanceof Uint8Array ? readBytesSource(file, {}) : file)
    this.#signal = signal
  }

  /** Bytes of the pieces that were read. */
  get bytes (): number { return this.#bytes }

  /** Blocks that were given. */
  get blocks (): number { return this.#blocks }

  /** @throws {@link InvalidEvidenceError} when it does not begin as a CAR of one bundle, or in another form than the one */
  async root (): Promise<CID> {
    const roots = await this.#roots()
    const [only, ...others] = roots
    if (only === undefined || others.length > 0) throw broken(`The file has ${roots.length} roots, and evidence has one`)
    const root = ofFile(() => asRootCid(only))
    const header = encodeCarHeader(root)
    if (equals(header, this.#start.subarray(0, header.byteLength))) return root
    throw broken('The header of the file is not in its one form')
  }

  /**
   * The next block, which has to be this one.
   *
   * @throws {@link InvalidEvidenceError} when another one stands there, or other bytes than its own
   */
  async next (cid: CID, path: string): Promise<Uint8Array> {
    const what = path === '' ? 'The envelope' : quote(path)
    const block = await this.#block(cause => invalidEvidence(path, `${what} cannot be read: ${cause.message}`, { cause }))
    if (block === undefined) throw invalidEvidence(path, `${what} is missing: the file ends before block ${cid.toString()}`)
    const { bytes, offset } = block
    if (!equals(block.cid.bytes, cid.bytes)) {
      throw invalidEvidence(path, `${what} is missing, or was changed: in front of byte ${offset} of the file stands` +
        ` ${block.cid.toString()} where ${cid.toString()} should be`, { offset })
    }
    if (!equals(sha256(bytes), cid.multihash.digest)) {
      throw invalidEvidence(path, `${what} was changed: the ${bytes.byteLength} bytes from ${offset} of the file do not hash to ${cid.toString()}`,
        { offset })
    }
    this.#blocks++
    await this.#rest(bytes.byteLength)
    return bytes
  }

  /** @throws {@link InvalidEvidenceError} when something comes after the last block */
  async end (): Promise<void> {
    const block = await this.#block(cause => broken(`What comes after the evidence cannot be read: ${cause.message}`, cause))
    if (block !== undefined) throw broken(`The file goes on after its last block: ${block.cid.toString()} is no part of the evidence`)
    ofFile(() => { this.#decoder.end() })
  }

  /** Lets the source go, whatever is left of it. Not waited for: it may be silent. */
  close (): void {
    this.#source.cancel(undefined).catch(() => {})
  }

  async #roots (): Promise<readonly CID[]> {
    for (;;) {
      this.#first = ofFile(() => this.#pull())
      const { roots } = this.#decoder
      if (roots !== undefined) return roots
      if (!await this.#more()) throw broken('The file is empty, or ends inside its header')
    }
  }

  async #block (unreadable: (cause: DataNodeError) => Error): Promise<CarBlock | undefined> {
    for (;;) {
      const block = this.#first ?? refusing(unreadable, () => this.#pull())
      this.#first = undefined
      if (block !== undefined || !await this.#more()) return block
    }
  }

  /** The next block of the piece that was read last. */
  #pull (): CarBlock | undefined {
    const next = this.#reading?.next()
    return next?.done === false ? next.value : undefined
  }

  /** Reads one more piece; false at the end. */
  async #more (): Promise<boolean> {
    this.#signal?.throwIfAborted()
    const piece = pieceOf(await untilAborted(Promise.resolve(this.#source.next()), this.#signal))
    if (piece === undefined) return false
    this.#start = concat([this.#start, piece.subarray(0, startBytes - this.#start.byteLength)])
    this.#bytes += piece.byteLength
    this.#reading = this.#decoder.read(piece)
    return true
  }

  /** Everything may be in memory already, and whoever waits has other things to do as well. */
  async #rest (bytes: number): Promise<void> {
    this.#turnBytes += bytes
    if (this.#turnBytes < evidenceTurnBytes) return
    this.#turnBytes = 0
    await new Promise(resolve => { setTimeout(resolve) })
    this.#signal?.throwIfAborted()
  }
}

/** An error about the file as a whole. */
function broken (message: string, cause?: unknown): InvalidEvidenceError {
  return new InvalidEvidenceError(message, { claim: 'file', path: '', cause })
}

function ofFile<T> (step: () => T): T {
  return refusing(cause => broken(`The file is not a CAR of evidence: ${cause.message}`, cause), step)
}

function refusing<T> (because: (cause: DataNodeError) => Error, step: () => T): T {
  try {
    return step()
  } catch (cause) {
    throw cause instanceof DataNodeError ? because(cause) : cause
  }
}
