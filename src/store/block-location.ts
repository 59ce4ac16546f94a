/**
 * Values of the index.
 *
 * A block's place: `place (1 byte) | offset (4, big-endian) | length (4) | root (text)`. Place is 0 for the CAR of the root,
 * 1 for a file of its own, 2 for elsewhere: the bundle links it and another one has it. 16 is added when the block belongs
 * to more bundles than the one that is named.
 *
 * A part of a bundle's list of blocks: `( length (4) | multihash (34) )*`.
 */
import { StorageError } from '../errors.ts'

/** Where the bytes of a block are. */
export type BlockPlace = 'car' | 'file' | 'elsewhere'

/** Where a block of one bundle is. */
export interface BlockLocation {
  place: BlockPlace
  /** Where it starts in the CAR; 0 otherwise. */
  offset: number
  length: number
}

/** The first bundle that a block belongs to, and where it is for that bundle. */
export interface BlockHome extends BlockLocation {
  root: string
  /** True when it belongs to more bundles. */
  shared: boolean
}

/** A block in a bundle's list. */
export interface ListedBlock {
  key: string
  length: number
}

const places: readonly BlockPlace[] = ['car', 'file', 'elsewhere']
const sharedFlag = 16
const headBytes = 9
const multihashBytes = 34
const listEntryBytes = 4 + multihashBytes

/** Writes a block's place. */
export function encodeHome ({ place, offset, length, root, shared }: BlockHome): Uint8Array {
  const bytes = Buffer.allocUnsafe(headBytes + root.length)
  bytes.writeUInt8(places.indexOf(place) + (shared ? sharedFlag : 0), 0)
  bytes.writeUInt32BE(offset, 1)
  bytes.writeUInt32BE(length, 5)
  bytes.write(root, headBytes, 'latin1')
  return bytes
}

/** Reads a block's place. @throws {@link StorageError} when the index is damaged */
export function decodeHome (value: Uint8Array): BlockHome {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  const place = bytes.byteLength > headBytes ? places[bytes.readUInt8(0) & ~sharedFlag] : undefined
  if (place === undefined) throw damaged('a place')
  return {
    place,
    offset: bytes.readUInt32BE(1),
    length: bytes.readUInt32BE(5),
    root: bytes.toString('latin1', headBytes),
    shared: (bytes.readUInt8(0) & sharedFlag) !== 0
  }
}

/** Writes a part of a bundle's list of blocks. */
export function encodeList (blocks: readonly ListedBlock[]): Uint8Array {
  const bytes = Buffer.alloc(blocks.length * listEntryBytes)
  blocks.forEach(({ key, length }, index) => {
    bytes.writeUInt32BE(length, index * listEntryBytes)
    bytes.write(key, index * listEntryBytes + 4, 'hex')
  })
  return bytes
}

/** Reads a part of a bundle's list of blocks. @throws {@link StorageError} when the index is damaged */
export function decodeList (value: Uint8Array): ListedBlock[] {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (bytes.byteLength % listEntryBytes !== 0) throw damaged('a list of blocks')
  return Array.from({ length: bytes.byteLength / listEntryBytes }, (_, index) => {
    const at = index * listEntryBytes
    return { length: bytes.readUInt32BE(at), key: bytes.toString('hex', at + 4, at + listEntryBytes) }
  })
}

function damaged (what: string): StorageError {
  return new StorageError(`The index has ${what} that cannot be read; delete the folder data of the repository to have it made again`,
    { index: true })
}
