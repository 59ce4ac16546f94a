/**
 * CIDs in few bytes. A decoded one takes some hundred bytes of memory, and a walk holds the links of every block above the one
 * where it is: with 8,192 in each of 64 they would be hundreds of megabytes.
 */
import { blockCid } from './block-cid.ts'
import type { BlockOfSet } from './block-set.ts'
import type { CID } from 'multiformats/cid'

const digestBytes = 32
/** Version, codec and digest. */
const linkBytes = 2 + digestBytes

const linksMin = 8

/** What is kept of a CID. */
export interface LinkParts extends Pick<CID, 'version' | 'code'> {
  multihash: Pick<CID['multihash'], 'digest'>
}

/** A list of CIDs that a bundle may have: dag-pb or raw, by a whole sha2-256 digest. */
export class PackedLinks {
  #bytes: Uint8Array<ArrayBuffer>
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
  push (link: LinkParts): void {
    if (this.#length * linkBytes === this.#bytes.byteLength) {
      // What it is moved from is free at once: it would stay until the heap is looked through.
      this.#bytes = new Uint8Array(this.#bytes.buffer.transfer(this.#bytes.byteLength * 2))
    }
    this.set(this.#length++, link)
  }

  /** What it took is free at once. */
  clear (): void {
    this.#bytes.buffer.transfer(0)
    this.#bytes = new Uint8Array(linksMin * linkBytes)
    this.#length = 0
  }

  /** Puts a CID in the place of the one at this index. */
  set (index: number, { version, code, multihash }: LinkParts): void {
    const start = index * linkBytes
    this.#bytes[start] = version
    this.#bytes[start + 1] = code
    this.#bytes.set(multihash.digest, start + 2)
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
    const cid = blockCid(this.#bytes[start + 1] ?? 0, this.#bytes, start + 2)
    return this.#bytes[start] === 0 ? cid.toV0() : cid
  }
}
