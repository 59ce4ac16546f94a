import { CID } from 'multiformats/cid'
import { Digest } from 'multiformats/hashes/digest'

const sha256Code = 0x12
const digestBytes = 32
/** Version 1, codec, hash function and length of the digest. */
const headBytes = 4
const cidBytes = headBytes + digestBytes

/** CIDs that share memory. One that is kept keeps that of the others, which is less than memory of its own would be. */
const cidsTogether = 16

let memory = new Uint8Array()
let used = 0

/**
 * Makes a CIDv1 of a codec of one byte with the whole sha2-256 digest that starts at `at`, which is copied.
 *
 * `CID.createV1` makes three arrays and has the memory of each taken out of the heap, which the collector has to look after: for
 * many small blocks that is more work than hashing them.
 */
export function blockCid (codec: number, digest: Uint8Array, at = 0): CID {
  if (used + cidBytes > memory.length) {
    memory = new Uint8Array(cidsTogether * cidBytes)
    used = 0
  }
  const bytes = memory.subarray(used, used + cidBytes)
  used += cidBytes
  bytes[0] = 1
  bytes[1] = codec
  bytes[2] = sha256Code
  bytes[3] = digestBytes
  // A view of what is copied would be one more object.
  for (let byte = 0; byte < digestBytes; byte++) bytes[headBytes + byte] = digest[at + byte] ?? 0
  return new CID(1, codec, new Digest(sha256Code, digestBytes, bytes.subarray(headBytes), bytes.subarray(2)), bytes)
}

/**
 * Reads a CID where it starts as those of blocks usually do: version 1, a codec of one byte, and a whole sha2-256 digest. It has
 * 36 bytes. Undefined for every other CID.
 */
export function blockCidAt (bytes: Uint8Array, at = 0): CID | undefined {
  const codec = bytes[at + 1] ?? Infinity
  const isUsual = bytes[at] === 1 && codec < 0x80 && bytes[at + 2] === sha256Code && bytes[at + 3] === digestBytes &&
    bytes.length - at >= cidBytes
  return isUsual ? blockCid(codec, bytes, at + headBytes) : undefined
}
