/**
 * Links of one block in few bytes. A decoded CID takes some hundred bytes of memory, and a walk holds the links of every block
 * above the one where it is: with 8,192 in each of 64 they would be hundreds of megabytes.
 */
import { CID } from 'multiformats/cid'
import { create as createMultihash } from 'multiformats/hashes/digest'
import type { BlockOfSet } from './block-set.ts'

const sha256Code = 0x12
const digestBytes = 32
/** Version, codec and digest. */
const linkBytes = 2 + digestBytes

/** A list of CIDs that a bundle may have: dag-pb or raw, by a whole sha2-256 digest. */
export class PackedLinks {
  readonly #bytes: Uint8Array

  /** @param links - checked, as by `linksOf` */
  constructor (links: readonly CID[]) {
    this.#bytes = new Uint8Array(links.length * linkBytes)
    for (const [index, { version, code, multihash }] of links.entries()) {
      this.#bytes.set([version, code], index * linkBytes)
      this.#bytes.set(multihash.digest, index * linkBytes + 2)
    }
  }

  /** Codec and digest of the block at this index; undefined beyond the last one. */
  blockAt (index: number): BlockOfSet | undefined {
    const start = index * linkBytes
    const code = this.#bytes[start + 1]
    return code === undefined ? undefined : { code, digest: this.#bytes.subarray(start + 2, start + linkBytes) }
  }

  /** The CID at this index; undefined beyond the last one. */
  at (index: number): CID | undefined {
    const start = index * linkBytes
    const [version, code = 0] = this.#bytes.subarray(start, start + 2)
    if (version === undefined) return undefined
    const multihash = createMultihash(sha256Code, this.#bytes.slice(start + 2, start + linkBytes))
    return version === 0 ? CID.createV0(multihash) : CID.createV1(code, multihash)
  }
}
