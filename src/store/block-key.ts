import { hash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { decode } from 'multiformats/hashes/digest'
import { blockCid } from '../format/block-cid.ts'
import { rawCodec } from '../format/dag-links.ts'

const sha256Code = 0x12
const sha256Bytes = 32
/** Code and length, in front of the digest. */
const sha256Head = '1220'
const scratch = Buffer.allocUnsafe(128)

/** Names the bytes of a block, whatever its codec: the multihash as hexadecimal text. */
export function blockKey (cid: CID): string {
  return hexOf(cid.multihash.bytes)
}

/** A CID with the bytes that a key names, raw where its codec is not said: files are named by the bytes alone. */
export function cidOfKey (key: string, codec: number = rawCodec): CID {
  const digest = digestOfKey(key)
  return digest.byteLength === sha256Bytes ? blockCid(codec, digest) : CID.createV1(codec, decode(new Uint8Array(Buffer.from(key, 'hex'))))
}

/** The sha2-256 digest in the key of a block that can be stored; no bytes in any other key. */
export function digestOfKey (key: string): Uint8Array {
  return Buffer.from(key.startsWith(sha256Head) ? key.slice(sha256Head.length) : '', 'hex')
}

/** The key of a block by its sha2-256 digest. */
export function keyOfDigest (digest: Uint8Array): string {
  return sha256Head + hexOf(digest)
}

/** Without the buffer of what may be among other objects: asked for it, V8 would give it memory outside of the heap. */
function hexOf (bytes: Uint8Array): string {
  const copy = bytes.byteLength <= scratch.byteLength ? scratch : Buffer.allocUnsafe(bytes.byteLength)
  copy.set(bytes)
  return copy.toString('hex', 0, bytes.byteLength)
}

/** True for the one hash function that blocks of the store have. */
export function isStorable ({ multihash }: CID): boolean {
  return multihash.code === sha256Code && multihash.digest.byteLength === sha256Bytes
}

/** True when the bytes hash to what the CID says. */
export function matchesCid ({ multihash: { digest } }: CID, bytes: Uint8Array): boolean {
  // As text: a buffer takes a third longer to make, and its memory is outside of the heap.
  const found = hash('sha256', bytes, 'binary')
  let at = 0
  while (at < found.length && found.charCodeAt(at) === digest[at]) at++
  return at === found.length && at === digest.byteLength
}
