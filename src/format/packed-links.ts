/**
 * CIDs in few bytes. A decoded one takes some hundred bytes of memory, and a walk holds the links of every block above the one
 * where it is: with 8,192 in each of 64 they would be hundreds of megabytes.
 */
import { CID } from 'multiformats/cid'
import { create as createMultihash } from 'multiformats/hashes/digest'
import { blockCid } from './block-cid.ts'
import type { BlockOfSet } from './block-set.ts'

const sha256Code = 0x12
const digestBytes = 32
/** Version, codec and digest. */
const linkBytes = 2 + digestBytes

const linksMin = 8

/** A list of CIDs that a bundle may have: dag-pb or raw, by a whole sha2-256 digest. */
export class PackedLinks {
  #bytes: Uint8Array
  #length = 0

  /** @param links - checked, as by `linksOf` */
  constructor (links: readonly CID[] = []) {
    this.#bytes = new Uint8Array(Math.max(links.length, linksMin) * linkBytes)
    for (const link of links) this.push(link)
  }

  get length (): number {
    return this.#length
  }

  /** @param link - checked */
  push (link: CID): void {
    if (this.#length * linkBytes === this.#bytes.byteLength) {
      const bytes = new Uint8Array(this.#bytes.byteLength * 2)
      bytes.set(this.#bytes)
      this.#bytes = bytes
    }
    this.set(this.#length++, link)
  }

  /** Puts a CID in the place of the one at this index. */
  set (index: number, { version, code, multihash }: CID): void {
    this.#bytes.set([version, code], index * linkBytes)
    this.#bytes.set(multihash.digest, index * linkBytes + 2)
  }

  /** Codec and digest of the block at this index; undefined beyond the last one. */
  blockAt (index: number): BlockOfSet | undefined {
    if (index >= this.#length) return undefined
    const start = index * linkBytes
    return { code: this.#bytes[start + 1] ?? 0, digest: this.#bytes.subarray(start + 2, start + linkBytes) }
  }

  /** The CID at this index; undefined beyond the last one. */
  at (index: number): CID | undefined {
    if (index >= this.#length) return undefined
    const start = index * linkBytes
    const [version, code = 0] = this.#bytes.subarray(start, start + 2)
    const digest = this.#bytes.subarray(start + 2, start + linkBytes)
    return version === 0 ? CID.createV0(createMultihash(sha256Code, digest.slice())) : blockCid(code, digest)
  }
}
