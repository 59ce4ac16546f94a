import { InvalidMessageError } from '../errors.ts'
import { concat, readFields, readNumbers } from '../format/protobuf.ts'
import { encodeVarint } from '../format/varint.ts'
import type { ProtobufField } from '../format/protobuf.ts'

/** Types of UnixFS nodes (https://specs.ipfs.tech/unixfs/#data-message). */
const unixfsTypes = ['raw', 'directory', 'file', 'metadata', 'symlink', 'hamt-shard'] as const

/** The hash function of sharded directories (https://github.com/multiformats/multicodec). */
export const murmur3x64 = 0x22

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
  for (const field of readFields(bytes)) {
    switch (field.number) {
      case 1: type = unixfsTypes[numberOf(field)]; break
      case 2: unixfs.data = bytesOf(field); break
      case 3: unixfs.fileSize = numberOf(field); break
      case 4: for (const size of readNumbers(field)) unixfs.blockSizes.push(size); break
      case 5: unixfs.hashType = numberOf(field); break
      case 6: unixfs.fanout = numberOf(field); break
    }
  }
  if (type === undefined) throw new InvalidMessageError('UnixFS data without a known type')
  return { type, ...unixfs }
}

/** Encodes what stands in a block that only links the parts of a file. */
export function encodeFileData (partSizes: readonly number[]): Uint8Array<ArrayBuffer> {
  const fileSize = partSizes.reduce((sum, size) => sum + size, 0)
  const head = Uint8Array.of(0x08, unixfsTypes.indexOf('file'), 0x18)
  return concat([head, encodeVarint(fileSize), ...partSizes.flatMap(size => [Uint8Array.of(0x20), encodeVarint(size)])])
}

/** What stands in a block that is a directory. */
export const directoryData: Uint8Array = Uint8Array.of(0x08, unixfsTypes.indexOf('directory'))

/** Encodes what stands in a block of a sharded directory: a bit for each slot that is taken, the last slot's first. */
export function encodeShardData (slots: readonly number[], fanout: number): Uint8Array<ArrayBuffer> {
  const field = new Uint8Array((Math.max(0, ...slots) >> 3) + 1)
  for (const slot of slots) {
    const at = field.length - 1 - (slot >> 3)
    field[at] = (field[at] ?? 0) | 1 << (slot & 7)
  }
  return concat([
    Uint8Array.of(0x08, unixfsTypes.indexOf('hamt-shard'), 0x12), encodeVarint(field.length), field,
    Uint8Array.of(0x28), encodeVarint(murmur3x64), Uint8Array.of(0x30), encodeVarint(fanout)
  ])
}

function numberOf ({ number, value }: ProtobufField): number {
  if (value !== undefined) return value
  throw new InvalidMessageError(`Field ${number} of UnixFS data is not a number`)
}

function bytesOf ({ number, bytes }: ProtobufField): Uint8Array {
  if (bytes !== undefined) return bytes
  throw new InvalidMessageError(`Field ${number} of UnixFS data is not bytes`)
}
