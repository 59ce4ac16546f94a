/** What a CAR is made of (`car.ts`), whoever reads its header. */
import { equals } from 'multiformats/bytes'
import { CID } from 'multiformats/cid'
import { InvalidMessageError, LimitExceededError } from '../errors.ts'
import { blockBytesMax, carHeaderBytesMax, cidBytesMax } from '../limits.ts'
import { blockCidAt } from './block-cid.ts'
import { Collector } from './collector.ts'
import { dagPbCodec } from './dag-links.ts'
import { concat } from './protobuf.ts'
import { encodeVarint, VarintReader } from './varint.ts'

/** A block as it stands in a CAR. */
export interface CarBlock {
  cid: CID
  /** A view of the piece that was pushed, or an array of its own when the block came in several pieces. */
  bytes: Uint8Array
  /** Where `bytes` start, counted from the start of the CAR. */
  offset: number
}

/** `{ roots: [`, and the CID as a byte string that is tagged and begins with a zero; its length comes between the last two. */
const headerStart = Uint8Array.of(0xa2, 0x65, 0x72, 0x6f, 0x6f, 0x74, 0x73, 0x81, 0xd8, 0x2a, 0x58)

/** `], version: 1 }` */
const headerEnd = Uint8Array.of(0x67, 0x76, 0x65, 0x72, 0x73, 0x69, 0x6f, 0x6e, 0x01)

/**
 * Writes what stands in front of the first section. The CID has 23 to 254 bytes, as every one with a hash of 20 bytes or more.
 */
export function encodeCarHeader (root: CID): Uint8Array<ArrayBuffer> {
  const header = concat([headerStart, Uint8Array.of(root.bytes.length + 1, 0), root.bytes, headerEnd])
  return joined(encodeVarint(header.length), header)
}

/**
 * Reads the header that {@link encodeCarHeader} writes for the root of a bundle, and no other form of it.
 *
 * @throws {@link InvalidMessageError} when it is anything else
 */
export function decodeOneRoot (header: Uint8Array): readonly CID[] {
  const root = oneRootOf(header)
  if (root?.code === dagPbCodec) return [root]
  throw new InvalidMessageError('The header of a CAR is not that of one bundle, in its one form')
}

/** Reads the header that {@link encodeCarHeader} writes for a block as they usually are; undefined for every other one. */
export function oneRootOf (header: Uint8Array): CID | undefined {
  const root = blockCidAt(header, headerStart.length + 2)
  return root !== undefined && equals(encodeCarHeader(root).subarray(1), header) ? root : undefined
}

/** Writes what stands in front of the bytes of one block. */
export function encodeCarSectionHead (cid: CID, blockBytes: number): Uint8Array<ArrayBuffer> {
  return joined(encodeVarint(cid.bytes.length + blockBytes), cid.bytes)
}

/**
 * Reads the roots of a header.
 *
 * @throws {@link InvalidMessageError} when it is none
 */
export type ReadRoots = (header: Uint8Array) => readonly CID[]

/** Reads a CAR that comes in pieces of any size, and holds at most one block of it. */
export class CarSections {
  readonly #readRoots: ReadRoots
  #roots: readonly CID[] | undefined
  #consumed = 0
  readonly #length = new VarintReader('length')
  /** First bytes of a header or section of which not everything has come. */
  #head: Collector | undefined
  /** Bytes of the whole header or section that `#head` is the start of. */
  #headOf = 0
  /** The block of which not everything has come. */
  #block: { cid: CID, offset: number, part: Collector } | undefined

  constructor (readRoots: ReadRoots) {
    this.#readRoots = readRoots
  }

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
      // A copy, so that whoever keeps a root does not keep the whole piece.
      this.#roots = this.#readRoots(new Uint8Array(bytes))
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

function decodeSectionCid (bytes: Uint8Array): CID {
  const usual = blockCidAt(bytes)
  if (usual !== undefined) return usual
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
