/**
 * The links of a block without a CID for each: a decoded one takes more than a kilobyte to make, of which a walk that begins in
 * the middle of a file needs few. A block as most are (`dag-pb.ts`) is read as it stands; every other one is decoded.
 */
import type { CID } from 'multiformats/cid'
import { linksMax } from '../limits.ts'
import { dagPbCodec, linksOf, rawCodec } from './dag-links.ts'
import { PackedLinks } from './packed-links.ts'
import type { LinkParts } from './packed-links.ts'

const linkTag = 0x12
const dataTag = 0x0a
const hashTag = 0x0a
const nameTag = 0x12
const sizeTag = 0x18

/** Version 1, codec, hash function and length of a digest, and the digest. */
const cidHeadBytes = 4
const cidBytes = 36
const sha256Code = 0x12
const digestBytes = 32

/** What the varints that are read here are below; above it they are left to the decoder. */
const numberMax = 2 ** 49

/**
 * Lists what a block links to, as {@link linksOf} does.
 *
 * @throws as that does
 */
export function packLinks (cid: CID, bytes: Uint8Array): PackedLinks {
  const usual = cid.code === dagPbCodec ? new UsualBlock(bytes).links() : undefined
  return usual ?? new PackedLinks(linksOf(cid, bytes))
}

/** A block that is read as it stands, as long as it has the usual form. */
class UsualBlock {
  readonly #bytes: Uint8Array
  /** One for all links: a view of each digest would be as much garbage as all else together. */
  readonly #link = { version: 1, code: 0, multihash: { digest: new Uint8Array(digestBytes) } } satisfies LinkParts
  #at = 0

  constructor (bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Undefined when it has another form, or links that a bundle may not have. */
  links (): PackedLinks | undefined {
    const links = new PackedLinks()
    while (this.#at < this.#bytes.length) {
      const tag = this.#bytes[this.#at++]
      const end = this.#length()
      if (tag === dataTag) return end === this.#bytes.length ? links : undefined
      if (tag !== linkTag || !(end <= this.#bytes.length) || links.length === linksMax) return undefined
      if (!this.#readLink(links, end)) return undefined
    }
    return links
  }

  #readLink (links: PackedLinks, end: number): boolean {
    if (!this.#is(hashTag) || !this.#is(cidBytes)) return false
    const start = this.#at
    if (!this.#is(1)) return false
    const codec = this.#bytes[this.#at++] ?? 0
    if ((codec !== rawCodec && codec !== dagPbCodec) || !this.#is(sha256Code) || !this.#is(digestBytes)) return false
    this.#at = start + cidBytes
    if (!this.#is(nameTag)) return false
    this.#at = this.#length()
    if (!(this.#at < end) || !this.#is(sizeTag) || !(this.#number() >= 0) || this.#at !== end) return false
    this.#pack(links, codec, start + cidHeadBytes)
    return true
  }

  #pack (links: PackedLinks, codec: number, digestAt: number): void {
    const { multihash: { digest } } = this.#link
    for (let at = 0; at < digestBytes; at++) digest[at] = this.#bytes[digestAt + at] ?? 0
    this.#link.code = codec
    links.push(this.#link)
  }

  #is (byte: number): boolean {
    return this.#bytes[this.#at++] === byte
  }

  /** Where what comes behind its length ends. */
  #length (): number {
    const length = this.#number()
    return this.#at + length
  }

  /** Not a number when it is too long or cut off: then no comparison with it is true. */
  #number (): number {
    let value = 0
    for (let factor = 1; factor < numberMax && this.#at < this.#bytes.length; factor *= 0x80) {
      const byte = this.#bytes[this.#at++] ?? 0
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
    return NaN
  }
}
