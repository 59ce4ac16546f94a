import { hash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { decode } from 'multiformats/hashes/digest'
import { rawCodec } from '../format/dag-links.ts'

const sha256Code = 0x12
const sha256Bytes = 32

/** Names the bytes of a block, whatever its codec: the multihash as hexadecimal text. */
export function blockKey (cid: CID): string {
  const { bytes } = cid.multihash
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/** A CID with the bytes that a key names. Its codec is raw, whatever the block's is: files are named by the bytes alone. */
export function cidOfKey (key: string): CID {
  return CID.createV1(rawCodec, decode(new Uint8Array(Buffer.from(key, 'hex'))))
}

/** True for the one hash function that blocks of the store have. */
export function isStorable ({ multihash }: CID): boolean {
  return multihash.code === sha256Code && multihash.digest.byteLength === sha256Bytes
}

/** True when the bytes hash to what the CID says. */
export function matchesCid ({ multihash }: CID, bytes: Uint8Array): boolean {
  return hash('sha256', bytes, 'buffer').equals(multihash.digest)
}
