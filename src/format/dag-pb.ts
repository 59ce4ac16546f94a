/**
 * Blocks of dag-pb, as most are: links first, each with hash, name and size in this order, then the data, and every CID a CIDv1
 * with a whole sha2-256 digest (https://ipld.io/specs/codecs/dag-pb/spec/). What has another form is left to the general decoder,
 * which takes six times as long.
 */
import { decode } from '@ipld/dag-pb'
import type { PBLink, PBNode } from '@ipld/dag-pb'
import type { CID } from 'multiformats/cid'
import { blockCidAt } from './block-cid.ts'

const linkTag = 0x12
const dataTag = 0x0a
const hashTag = 0x0a
const nameTag = 0x12
const sizeTag = 0x18
const hashBytes = 36

/** Bytes of a varint that is a number: it is below 2^49. */
const varintBytesMax = 7

const text = new TextDecoder()

/**
 * Reads a block.
 *
 * @throws Error when it is not dag-pb
 */
export function decodeDagPb (bytes: Uint8Array): PBNode {
  const links: PBLink[] = []
  const isRead = new BlockScan(bytes).read((cid, nameStart, nameEnd, size) => {
    links.push({ Hash: cid, Name: text.decode(bytes.subarray(nameStart, nameEnd)), Tsize: size })
  })
  if (isRead === undefined) return decode(bytes)
  return isRead.data === undefined ? { Links: links } : { Data: isRead.data, Links: links }
}

/**
 * Reads what a block links to, in order.
 *
 * @throws Error when it is not dag-pb
 */
export function decodeDagPbLinks (bytes: Uint8Array): CID[] {
  const links: CID[] = []
  const isRead = new BlockScan(bytes).read((cid) => { links.push(cid) })
  return isRead === undefined ? decode(bytes).Links.map(({ Hash }) => Hash) : links
}

type TakeLink = (cid: CID, nameStart: number, nameEnd: number, size: number) => void

/** Goes through a block from its start. */
class BlockScan {
  readonly #bytes: Uint8Array
  #at = 0

  constructor (bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Undefined when the block has another form, or none. */
  read (take: TakeLink): { data: Uint8Array | undefined } | undefined {
    const { length } = this.#bytes
    while (this.#at < length) {
      const tag = this.#bytes[this.#at++]
      const end = this.#end()
      if (end === undefined) return undefined
      // Nothing may come after the data.
      if (tag === dataTag) return end === length ? { data: this.#bytes.subarray(this.#at, end) } : undefined
      if (tag !== linkTag || !this.#link(end, take)) return undefined
    }
    return { data: undefined }
  }

  #link (end: number, take: TakeLink): boolean {
    if (!this.#has(hashTag, end) || this.#end() !== this.#at + hashBytes || this.#at + hashBytes > end) return false
    const cid = blockCidAt(this.#bytes, this.#at)
    this.#at += hashBytes
    if (cid === undefined || !this.#has(nameTag, end)) return false
    const nameEnd = this.#end() ?? Infinity
    const nameStart = this.#at
    this.#at = nameEnd
    if (nameEnd > end || !this.#has(sizeTag, end)) return false
    const size = this.#varint()
    if (size === undefined || this.#at !== end) return false
    take(cid, nameStart, nameEnd, size)
    return true
  }

  #has (tag: number, end: number): boolean {
    return this.#at < end && this.#bytes[this.#at++] === tag
  }

  /** Reads the length of what comes now, and says where that ends; undefined when it would end after the block. */
  #end (): number | undefined {
    const length = this.#varint()
    const end = length === undefined ? Infinity : this.#at + length
    return end > this.#bytes.length ? undefined : end
  }

  #varint (): number | undefined {
    let value = 0
    let factor = 1
    for (let count = 0; count < varintBytesMax; count++) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) return undefined
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 0x80
    }
    return undefined
  }
}
