import { rawCodec } from './dag-links.ts'
import { DigestMap } from './digest-map.ts'
import type { CID } from 'multiformats/cid'

/** A block by what tells it from others: its codec, dag-pb or raw, and its sha2-256 digest. */
export interface BlockOfSet {
  code: number
  digest: Uint8Array
}

/** Blocks that a bundle may be made of, in few bytes each. */
export class BlockSet {
  #raw = new DigestMap()
  #inner = new DigestMap()

  get size (): number {
    return this.#raw.size + this.#inner.size
  }

  has ({ code, digest }: BlockOfSet): boolean {
    return (code === rawCodec ? this.#raw : this.#inner).has(digest)
  }

  add ({ code, digest }: BlockOfSet): void {
    (code === rawCodec ? this.#raw : this.#inner).set(digest, 1)
  }

  /** What it took is free at once. */
  clear (): void {
    this.#raw.clear()
    this.#inner.clear()
  }

  /** A set of its own with what is in this one. */
  copy (): BlockSet {
    const copy = new BlockSet()
    copy.#raw = this.#raw.copy()
    copy.#inner = this.#inner.copy()
    return copy
  }
}

/** What tells the block of a CID from others. */
export function blockOf ({ code, multihash: { digest } }: CID): BlockOfSet {
  return { code, digest }
}
