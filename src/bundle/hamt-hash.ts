import { murmur3128 } from '@multiformats/murmur3'
import { toUtf8 } from '../format/utf8.ts'

const hashBits = 64

/** The hash of a name in a sharded directory: the first 64 bits of murmur3-x64-128. */
export function hashName (name: string): bigint {
  const { buffer, byteOffset } = hashBytes(name)
  return new DataView(buffer, byteOffset).getBigUint64(0)
}

/** The same as eight bytes. */
export function hashBytes (name: string): Uint8Array {
  const hash = murmur3128.encode(toUtf8(name))
  if (!(hash instanceof Uint8Array)) throw new TypeError('murmur3 is expected to be synchronous')
  return hash.subarray(0, hashBits / 8)
}

/** Where a name stands at a level, counted from 0 at the root: its hash is consumed from the front. */
export function hashSlot (hash: bigint, bits: number, level: number): number {
  return Number((hash >> BigInt(hashBits - bits * (level + 1))) & BigInt(2 ** bits - 1))
}

/** Levels until a hash is used up. */
export function slotsMax (bits: number): number {
  return Math.floor(hashBits / bits)
}
