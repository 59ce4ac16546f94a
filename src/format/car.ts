/**
 * CAR v1: blocks of a DAG one after the other (https://ipld.io/specs/transport/car/carv1/).
 *
 * ```
 * | varint n | header, n bytes | ( | varint m | CID | block, m - length of the CID bytes | )*
 * ```
 *
 * The header is dag-cbor `{ roots: [CID…], version: 1 }`, at most 1 KiB. What this library writes has exactly one root.
 * Varints, those of CIDs too, are in their shortest form. A section holds a binary CID of at most 64 bytes and a block of at
 * most 2 MiB. Sections without a CID, such as padding with zeros, are refused, and so is whatever ends inside a header or
 * section.
 *
 * The decoder does not hash: whoever asked for a block checks it.
 */
import { decode, encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { InvalidMessageError, LimitExceededError } from '../errors.ts'
import { blockBytesMax, carHeaderBytesMax, cidBytesMax } from '../limits.ts'
import { Collector } from './collector.ts'
import { encodeVarint, VarintReader } from './varint.ts'

/** A block as it stands in a CAR. */
export interface CarBlock {
  cid: CID
  /** A view of the piece that was pushed, or an array of its own when the block came in several pieces. */
  bytes: Uint8Array
  /** Where `bytes` start, counted from the start of the CAR. */
  offset: number
}

/** Writes what stands in front of the first section. */
export function encodeCarHeader (root: CID): Uint8Array<ArrayBuffer> {
  const header = encode({ roots: [root], version: 1 })
  return joined(encodeVarint(header.length), header)
}

/** Writes what stands in front of the bytes of one block. */
export function encodeCarSectionHead (cid: CID, blockBytes: number): Uint8Array<ArrayBuffer> {
  return joined(encodeVarint(cid.bytes.length + blockBytes), cid.bytes)
}

/** Reads a CAR that comes in pieces of any size, and holds at most one block of it. */
export class CarDecoder {
  #roots: readonly CID[] | undefined
  #consumed = 0
  readonly #length = new VarintReader('length')
  /** First bytes of a header or section of which not everything has come. */
  #head: Collector | undefined
  /** Bytes of the whole header or section that `#head` is the start of. */
  #headOf = 0
  /** The block of which not everything has come. */
  #block: { cid: CID, offset: number, part: Collector } | undefined

  /** Roots of the header; undefined until all of it has come. */
  get roots (): readonly CID[] | undefined {
    return this.#roots
  }

  /**
   * Takes the next piece and returns the blocks that are complete now. The piece must not change afterwards.
   *
   * @throws {@link InvalidMessageError} when it is not CAR v1
   * @throws {@link LimitExceededError} when its header or a block is larger than allowed
   */
  push (piece: Uint8Array): CarBlock[] {
    return [...this.read(piece)]
  }

  /** Does the same block by block, so that those before a fault are not lost. It must be read to its end, or to its error. */
  * read (piece: Uint8Array): Generator<CarBlock> {
    const blocks: CarBlock[] = []
    let at = 0
    while (at < piece.length) {
      if (this.#block !== undefined) at = this.#continueBlock(this.#block, piece, at, blocks)
      else if (this.#head !== undefined) at = this.#continueHead(this.#head, piece, at, blocks)
      else at = this.#readLength(piece, at, blocks)
      if (blocks.length > 0) yield* blocks.splice(0)
    }
    this.#consumed += piece.length
  }

  /** @throws {@link InvalidMessageError} when the CAR is not complete */
  end (): void {
    if (this.#roots === undefined) throw new InvalidMessageError('A CAR ended inside its header')
    if (!this.#length.atStart || this.#head !== undefined || this.#block !== undefined) {
      throw new InvalidMessageError(`A CAR ended inside a section, after ${this.#consumed} bytes`, { bytes: this.#consumed })
    }
  }

  #readLength (piece: Uint8Array, from: number, blocks: CarBlock[]): number {
    let at = from
    while (at < piece.length) {
      const length = this.#length.push(piece[at++] ?? 0)
      if (length === undefined) continue
      checkLength(length, this.#roots === undefined)
      if (length > piece.length - at) {
        this.#head = new Collector(this.#roots === undefined ? length : Math.min(length, cidBytesMax))
        this.#headOf = length
        return at
      }
      this.#take(piece.subarray(at, at + length), this.#consumed + at, length, blocks)
      return at + length
    }
    return at
  }

  #continueHead (head: Collector, piece: Uint8Array, at: number, blocks: CarBlock[]): number {
    const next = head.fill(piece, at)
    if (!head.complete) return next
    this.#head = undefined
    this.#take(head.bytes, this.#consumed + next - head.bytes.length, this.#headOf, blocks)
    return next
  }

  /** Reads a header, or a section of `length` bytes of which at least the CID has come. */
  #take (bytes: Uint8Array, offset: number, length: number, blocks: CarBlock[]): void {
    if (this.#roots === undefined) {
      this.#roots = decodeRoots(bytes)
      return
    }
    const cid = decodeSectionCid(bytes)
    const blockBytes = length - cid.bytes.length
    const start = offset + cid.bytes.length
    if (blockBytes > blockBytesMax) {
      throw new LimitExceededError(`Block ${cid.toString()} of a CAR has ${blockBytes} bytes; at most ${blockBytesMax} are taken`,
        { limit: 'blockBytesMax', max: blockBytesMax, actual: blockBytes, cid: cid.toString() })
    }
    const have = bytes.subarray(cid.bytes.length)
    if (have.length === blockBytes) {
      blocks.push({ cid, bytes: have, offset: start })
      return
    }
    const part = new Collector(blockBytes)
    part.fill(have, 0)
    this.#block = { cid, offset: start, part }
  }

  #continueBlock ({ cid, offset, part }: { cid: CID, offset: number, part: Collector }, piece: Uint8Array, at: number,
    blocks: CarBlock[]): number {
    const next = part.fill(piece, at)
    if (!part.complete) return next
    this.#block = undefined
    blocks.push({ cid, bytes: part.bytes, offset })
    return next
  }
}

function checkLength (length: number, isHeader: boolean): void {
  if (length === 0) throw new InvalidMessageError(`A CAR has ${isHeader ? 'a header' : 'a section'} of zero bytes`)
  const max = isHeader ? carHeaderBytesMax : cidBytesMax + blockBytesMax
  if (length <= max) return
  throw new LimitExceededError(`A CAR has a ${isHeader ? 'header' : 'section'} of ${length} bytes; at most ${max} are taken`,
    { limit: isHeader ? 'carHeaderBytesMax' : 'blockBytesMax', max, actual: length })
}

function decodeRoots (bytes: Uint8Array): readonly CID[] {
  const header = decodeHeader(bytes)
  if (header === null || typeof header !== 'object' || !('version' in header)) {
    throw new InvalidMessageError('The header of a CAR has no version and roots')
  }
  // Version 2 starts with a header that says so and no more.
  if (header.version !== 1) {
    throw new InvalidMessageError(
      `A CAR of version ${String(header.version)} is not read: export it as version 1, or take that out of it (car get-dag)`,
      { version: String(header.version) })
  }
  if (!('roots' in header)) throw new InvalidMessageError('The header of a CAR has no version and roots')
  const { roots } = header
  if (!Array.isArray(roots)) throw new InvalidMessageError('The roots of a CAR are not a list')
  return roots.map((root: unknown) => {
    const cid = CID.asCID(root)
    if (cid === null) throw new InvalidMessageError('A root of a CAR is not a CID')
    return cid
  })
}

function decodeHeader (bytes: Uint8Array): unknown {
  try {
    return decode<unknown>(bytes)
  } catch (cause) {
    throw new InvalidMessageError('The header of a CAR is not dag-cbor', { cause })
  }
}

function decodeSectionCid (bytes: Uint8Array): CID {
  // A copy of these few bytes, so that whoever keeps the CID does not keep the whole piece. (`slice` of a Buffer is none.)
  const head = new Uint8Array(bytes.subarray(0, cidBytesMax))
  try {
    const [cid, rest] = CID.decodeFirst(head)
    // Where the block starts follows from the length of the CID, which has other forms that are read as well.
    if (head.length - rest.length !== cid.bytes.length) throw new TypeError('The CID is not in its shortest form')
    return cid
  } catch (cause) {
    throw new InvalidMessageError('A section of a CAR does not start with a CID', { cause })
  }
}

function joined (first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length)
  bytes.set(first, 0)
  bytes.set(second, first.length)
  return bytes
}
