import { InvalidMessageError } from '../errors.ts'
import { encodeVarint, readFieldVarint } from '../format/varint.ts'

/** Types of UnixFS nodes (https://specs.ipfs.tech/unixfs/#data-message). */
export const unixfsTypes = ['raw', 'directory', 'file', 'metadata', 'symlink', 'hamt-shard'] as const

/** The UnixFS part of a dag-pb block. Mode and modification time are not read. */
export interface UnixfsData {
  type: typeof unixfsTypes[number]
  data: Uint8Array
  /** Content bytes as the block says; not every writer says it. */
  fileSize: number | undefined
  /** Content bytes below each link of a file. */
  blockSizes: number[]
  hashType: number | undefined
  fanout: number | undefined
}

/** A field: a number where it is a varint, else its bytes. */
interface Field {
  number: number
  value: number | Uint8Array
  next: number
}

/**
 * Decodes the protobuf message in the data of a dag-pb block. Numbers above 2^53 - 1 lose their low digits.
 *
 * @throws {@link InvalidMessageError} when it is not UnixFS
 */
export function decodeUnixfsData (bytes: Uint8Array): UnixfsData {
  const unixfs: Omit<UnixfsData, 'type'> = {
    data: new Uint8Array(), fileSize: undefined, blockSizes: [], hashType: undefined, fanout: undefined
  }
  let type: UnixfsData['type'] | undefined
  for (let at = 0; at < bytes.byteLength;) {
    const { number, value, next } = readField(bytes, at)
    if (number === 1) type = unixfsTypes[numberOf(value)]
    else if (number === 2) unixfs.data = bytesOf(value)
    else if (number === 3) unixfs.fileSize = numberOf(value)
    else if (number === 4) for (const size of numbersOf(value)) unixfs.blockSizes.push(size)
    else if (number === 5) unixfs.hashType = numberOf(value)
    else if (number === 6) unixfs.fanout = numberOf(value)
    at = next
  }
  if (type === undefined) throw new InvalidMessageError('UnixFS data without a known type')
  return { type, ...unixfs }
}

/** Encodes what stands in a block that only links the parts of a file. */
export function encodeFileData (partSizes: readonly number[]): Uint8Array<ArrayBuffer> {
  const fileSize = partSizes.reduce((sum, size) => sum + size, 0)
  const head = [[0x08, unixfsTypes.indexOf('file'), 0x18], encodeVarint(fileSize)]
  const pieces = [...head, ...partSizes.flatMap(size => [[0x20], encodeVarint(size)])]
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

function readField (bytes: Uint8Array, at: number): Field {
  const tag = readFieldVarint(bytes, at)
  const number = Math.floor(tag.value / 8)
  const wireType = tag.value % 8
  if (wireType === 0) return { number, ...readFieldVarint(bytes, tag.next) }
  const length = wireType === 2 ? readFieldVarint(bytes, tag.next) : { value: fixedLength(wireType), next: tag.next }
  const next = length.next + length.value
  if (next > bytes.byteLength) throw new InvalidMessageError(`Field ${number} of UnixFS data is cut off`)
  return { number, value: bytes.subarray(length.next, next), next }
}

function fixedLength (wireType: number): number {
  if (wireType === 1) return 8
  if (wireType === 5) return 4
  throw new InvalidMessageError(`UnixFS data has a field of wire type ${wireType}`)
}

function numberOf (value: number | Uint8Array): number {
  if (typeof value === 'number') return value
  throw new InvalidMessageError('UnixFS data has bytes where a number should be')
}

function bytesOf (value: number | Uint8Array): Uint8Array {
  if (typeof value !== 'number') return value
  throw new InvalidMessageError('UnixFS data has a number where bytes should be')
}

/** Repeated numbers come one by one, or packed. */
function * numbersOf (value: number | Uint8Array): Generator<number> {
  if (typeof value === 'number') {
    yield value
    return
  }
  for (let at = 0; at < value.byteLength;) {
    const read = readFieldVarint(value, at)
    yield read.value
    at = read.next
  }
}
