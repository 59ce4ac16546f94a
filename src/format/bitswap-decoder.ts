/**
 * Messages of `/ipfs/bitswap/1.2.0` (bitswap-message.ts) as their bytes arrive, in pieces of any size.
 *
 * A message is not collected: what it consists of is told one by one, and no more is kept than one entry of it, or one block that
 * somebody waits for. All other bytes are counted and dropped as they come.
 */
import { InvalidMessageError, LimitExceededError } from '../errors.ts'
import { bitswapEntryBytesMax, bitswapMessageBytesMax, bitswapPrefixBytesMax, blockBytesMax } from '../limits.ts'
import { bitswapFields, decodePresence, decodeWant } from './bitswap-message.ts'
import { Collector } from './collector.ts'
import { bytesType, fixedLength, varintType } from './protobuf.ts'
import { VarintReader } from './varint.ts'
import type { BitswapPresence, BitswapWant } from './bitswap-message.ts'

/** A part of a message. */
export type BitswapPart =
  | { type: 'want', want: BitswapWant }
  /** The end of a want list; `isFull` when only what stands in it is wanted from now on. */
  | { type: 'wants', isFull: boolean }
  | { type: 'presence', presence: BitswapPresence }
  /** Bytes of a block came, which is kept or not. */
  | { type: 'data', length: number, isKept: boolean }
  /** A block that was kept. Its prefix is empty when it had none. */
  | { type: 'block', prefix: Uint8Array, bytes: Uint8Array }

type Kind = 'message' | 'wants' | 'payload'

/** A message, or what stands in it and is looked into. Its end is counted from the start of the message. */
interface Frame {
  kind: Kind
  end: number
  isFull: boolean
  prefix: Uint8Array
  data: Uint8Array | undefined
}

/** The bytes of a field. */
interface Content {
  left: number
  isData: boolean
  /** Where they are kept, and what they are for; undefined when they are dropped. */
  kept: { collector: Collector, use: (bytes: Uint8Array) => BitswapPart | undefined } | undefined
}

/** Reads what a peer sends on one stream. */
export class BitswapDecoder {
  readonly #keeps: (length: number) => boolean
  readonly #length = new VarintReader('length')
  readonly #varint = new VarintReader('field')
  readonly #frames: Frame[] = []
  #position = 0
  /** The key of a field whose value or length comes next. */
  #key: number | undefined
  #content: Content | undefined

  /** Before the data of a block comes, `keeps` says whether a block of so many bytes is to be kept. */
  constructor (keeps: (length: number) => boolean) {
    this.#keeps = keeps
  }

  /** True between two messages. */
  get atStart (): boolean {
    return this.#length.atStart && this.#frames.length === 0
  }

  /**
   * Takes the next piece and gives what is complete now, one after the other; it must be read to its end, or to its error.
   *
   * @throws {@link InvalidMessageError} when a message is malformed
   * @throws {@link LimitExceededError} when a message or a block is larger than allowed
   */
  * read (piece: Uint8Array): Generator<BitswapPart> {
    let at = 0
    while (at < piece.length) {
      const content = this.#content
      if (content === undefined) this.#readByte(piece[at++] ?? 0)
      else {
        const length = Math.min(content.left, piece.length - at)
        content.kept?.collector.fill(piece, at)
        content.left -= length
        this.#position += length
        at += length
        if (content.isData) yield { type: 'data', length, isKept: content.kept !== undefined }
      }
      yield * this.#settle()
    }
  }

  #readByte (byte: number): void {
    const frame = this.#frames.at(-1)
    if (frame === undefined) {
      const length = this.#length.push(byte)
      if (length !== undefined) this.#open('message', bounded(length, bitswapMessageBytesMax, 'bitswapMessageBytesMax', 'A message'))
      return
    }
    this.#position++
    const value = this.#varint.push(byte)
    if (value === undefined) return
    const key = this.#key
    this.#key = undefined
    if (key === undefined) this.#readKey(value)
    else if (key % 8 === bytesType) this.#readLength(frame, Math.floor(key / 8), value)
    else if (frame.kind === 'wants' && Math.floor(key / 8) === bitswapFields.full) frame.isFull = value !== 0
  }

  #readKey (key: number): void {
    if (key < 8) throw new InvalidMessageError('A protobuf field has number 0')
    const type = key % 8
    if (type === varintType || type === bytesType) this.#key = key
    else this.#expect(fixedLength(type))
  }

  #readLength (frame: Frame, number: number, length: number): void {
    const { wants, payload, presence, entry, prefix, data } = bitswapFields
    const isIn = (kind: Kind, field: number): boolean => frame.kind === kind && number === field
    if (isIn('message', wants)) this.#open('wants', length)
    else if (isIn('message', payload)) this.#open('payload', length)
    else if (isIn('message', presence)) this.#expectEntry(length, bytes => ({ type: 'presence', presence: decodePresence(bytes) }))
    else if (isIn('wants', entry)) this.#expectEntry(length, bytes => ({ type: 'want', want: decodeWant(bytes) }))
    else if (isIn('payload', prefix)) this.#expectPrefix(frame, length)
    else if (isIn('payload', data)) this.#expectData(frame, length)
    else this.#expect(length)
  }

  #expectEntry (length: number, use: (bytes: Uint8Array) => BitswapPart): void {
    this.#expect(length, length > bitswapEntryBytesMax ? undefined : use)
  }

  #expectPrefix (frame: Frame, length: number): void {
    bounded(length, bitswapPrefixBytesMax, 'bitswapPrefixBytesMax', 'A prefix')
    this.#expect(length, (bytes) => {
      frame.prefix = bytes
      return undefined
    })
  }

  #expectData (frame: Frame, length: number): void {
    bounded(length, blockBytesMax, 'blockBytesMax', 'A block')
    this.#checkEnd(length)
    this.#expect(length, this.#keeps(length)
      ? (bytes) => {
          frame.data = bytes
          return undefined
        }
      : undefined, true)
  }

  /** Memory for what is kept is taken only when it is known to end within the message. */
  #expect (length: number, use?: (bytes: Uint8Array) => BitswapPart | undefined, isData = false): void {
    this.#checkEnd(length)
    this.#content = { left: length, isData, kept: use && { collector: new Collector(length), use } }
  }

  #open (kind: Kind, length: number): void {
    if (kind === 'message') this.#position = 0
    else this.#checkEnd(length)
    this.#frames.push({ kind, end: this.#position + length, isFull: false, prefix: new Uint8Array(), data: undefined })
  }

  #checkEnd (length: number): void {
    const after = this.#position + length - (this.#frames.at(-1)?.end ?? 0)
    if (after > 0) throw new InvalidMessageError(`A protobuf field ends ${after} bytes after its message`)
  }

  /** Gives what is complete. What ends at the same place is closed from the inside out. */
  * #settle (): Generator<BitswapPart> {
    if (this.#content?.left === 0) {
      const { kept } = this.#content
      this.#content = undefined
      const part = kept?.use(kept.collector.bytes)
      if (part !== undefined) yield part
    }
    for (let frame = this.#frames.at(-1); frame?.end === this.#position; frame = this.#frames.at(-1)) {
      if (this.#content !== undefined) return
      if (this.#key !== undefined || !this.#varint.atStart) throw new InvalidMessageError('A bitswap message is cut off in a field')
      this.#frames.pop()
      if (frame.kind === 'wants') yield { type: 'wants', isFull: frame.isFull }
      else if (frame.data !== undefined) yield { type: 'block', prefix: frame.prefix, bytes: frame.data }
    }
  }
}

function bounded (length: number, max: number, limit: string, what: string): number {
  if (length <= max) return length
  throw new LimitExceededError(`${what} of ${length} bytes came; at most ${max} are taken`, { limit, max, actual: length })
}
