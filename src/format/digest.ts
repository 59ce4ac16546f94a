/**
 * The root of a bundle as a CID and as 32 bytes.
 *
 * A root is always CIDv1, dag-pb (0x70), sha2-256 (0x12) with its full digest of 32 bytes. So the digest, a `bytes32` on
 * chain, determines the CID and back: the CID's bytes are `01 70 12 20` and the digest, and its text is `b` and those 36
 * bytes in lower-case base32 without padding, 59 characters.
 */
import { CID } from 'multiformats/cid'
import { InvalidReferenceError } from '../errors.ts'
import { cidBytesMax, cidTextCharactersMax } from '../limits.ts'
import type { Digest } from '../interface/primitives.ts'
import { describeValue } from './argument.ts'
import { blockCid } from './block-cid.ts'
import { fromHex, isHex, toHex } from './hex.ts'

const dagPb = 0x70
const sha256 = 0x12
const digestBytes = 32

/**
 * The sha2-256 digest of the block that a root's CID names.
 *
 * @throws {@link InvalidReferenceError} when the CID cannot be the root of a bundle
 */
export function digestOf (cid: CID): Digest {
  return toHex(asRootCid(cid).multihash.digest)
}

/**
 * The CID of the root with this digest.
 *
 * @throws {@link InvalidReferenceError} when the digest is not 32 bytes in lower-case hexadecimal
 */
export function cidOf (digest: Digest): CID {
  if (!isHex(digest, digestBytes)) {
    throw new InvalidReferenceError(`${describeValue(digest)} is not a digest: 0x and 64 lower-case hexadecimal digits`, { value: digest })
  }
  return rootCid(fromHex(digest, digestBytes))
}

/**
 * Turns the CID of a bundle's root, of version 0 or 1 and made by any copy of `multiformats`, into a CIDv1 of ours.
 *
 * @throws {@link InvalidReferenceError} when it is not dag-pb with a whole sha2-256 digest
 */
export function asRootCid (cid: CID): CID {
  const { code, multihash } = decodeCid(cid)
  if (code !== dagPb || multihash.code !== sha256 || multihash.digest.byteLength !== digestBytes) {
    throw new InvalidReferenceError(
      `A CID with codec 0x${code.toString(16)}, hash 0x${multihash.code.toString(16)} and a digest of ${multihash.digest.byteLength} bytes` +
      ' is not the root of a bundle, which is dag-pb (0x70) with a sha2-256 digest (0x12) of 32 bytes',
      { codec: code, hash: multihash.code, digestBytes: multihash.digest.byteLength })
  }
  return rootCid(multihash.digest)
}

/**
 * Reads the CID of a root in its one canonical text: lower-case base32 of CIDv1, 59 characters.
 *
 * @returns undefined when the text is anything else
 */
export function parseCanonicalCid (text: unknown): CID | undefined {
  if (typeof text !== 'string' || text.length > cidTextCharactersMax || !text.startsWith('bafybei')) {
    return undefined
  }
  try {
    const cid = asRootCid(CID.parse(text))
    return cid.toString() === text ? cid : undefined
  } catch {
    return undefined
  }
}

function rootCid (digest: Uint8Array): CID {
  return blockCid(dagPb, digest)
}

/** From its bytes alone: the fields of a foreign object prove nothing, and its text may be cached in another form. */
function decodeCid (value: unknown): CID {
  try {
    const bytes = CID.asCID(value)?.bytes
    if (ArrayBuffer.isView(bytes) && bytes.byteLength <= cidBytesMax) {
      return CID.decode(bytes)
    }
  } catch (cause) {
    throw new InvalidReferenceError('An object that looks like a CID cannot be decoded', { cause })
  }
  throw new InvalidReferenceError(`A value of type ${typeof value} is not a CID`)
}
