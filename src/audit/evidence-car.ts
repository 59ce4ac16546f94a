import { equals } from 'multiformats/bytes'
import { openByteSource, pieceOf } from '../bundle/byte-source.ts'
import { readBytesSource } from '../bundle/source-stream.ts'
import { DataNodeError, InvalidEvidenceError } from '../errors.ts'
import { CarSections, decodeOneRoot } from '../format/car-sections.ts'
import { hashBytes } from '../format/hash-bytes.ts'
import { quote } from '../format/quote.ts'
import { untilAborted } from '../format/until-aborted.ts'
import { evidenceTurnBytes } from '../limits.ts'
import { invalidEvidence } from './invalid-evidence.ts'
import type { CarBlock } from '../format/car-sections.ts'
import type { OpenSource } from '../bundle/byte-source.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { ByteSource } from '../interface/source.ts'
import type { CID } from 'multiformats/cid'

/**
 * Reads a file of evidence block by block, each of which is known before it is read: so there is no byte in it that could be
 * another one. Holds one piece of the file at a time.
 */
export class EvidenceCar {
  readonly #source: OpenSource
  readonly #signal: AbortSignal | undefined
  readonly #sections = new CarSections(decodeOneRoot)
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

  /** @throws {@link InvalidEvidenceError} when it does not begin as a CAR of one bundle, in the one form of that */
  async root (): Promise<CID> {
    for (;;) {
      this.#first = refusing(cause => broken(`The file is no evidence: ${cause.message}`, cause), () => this.#pull())
      const [root] = this.#sections.roots ?? []
      if (root !== undefined) return root
      if (!await this.#more()) throw broken('The file is empty, or ends inside its header')
    }
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
    if (!equals(await hashBytes(bytes), cid.multihash.digest)) {
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
    refusing(cause => broken(`The file is cut off: ${cause.message}`, cause), () => { this.#sections.end() })
  }

  /** Lets the source go, whatever is left of it. Not waited for: it may be silent. */
  close (): void {
    this.#source.cancel(undefined).catch(() => {})
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
    this.#bytes += piece.byteLength
    this.#reading = this.#sections.read(piece)
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

function refusing<T> (because: (cause: DataNodeError) => Error, step: () => T): T {
  try {
    return step()
  } catch (cause) {
    throw cause instanceof DataNodeError ? because(cause) : cause
  }
}
