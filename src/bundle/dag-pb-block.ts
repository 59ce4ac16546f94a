/**
 * Blocks of dag-pb as they are written here (https://ipld.io/specs/codecs/dag-pb/spec/): links first, each with hash, name
 * and size, then the data. The general encoder checks and copies what is known to be right, and compares names by encoding
 * both again each time; a directory of some thousand entries takes it longer than everything else together.
 */
import { sha256 as anySha256 } from '@noble/hashes/sha2.js'
import { blockCid } from '../format/block-cid.ts'
import { varintLength } from '../format/varint.ts'
import type { CID } from 'multiformats/cid'

/** A link of a block that is being written. */
export interface BlockLink {
  /** As UTF-8. */
  name: Uint8Array
  cid: CID
  /** Bytes of the blocks below, a block that is there twice counted twice. */
  dagSize: number
}

/** What a directory needs to know of an entry. */
export type DagLink = Omit<BlockLink, 'name'>

const linkTag = 0x12
const dataTag = 0x0a
const hashTag = 0x0a
const nameTag = 0x12
const sizeTag = 0x18

/** Computes SHA-256: 32 bytes. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

/** How blocks are hashed. */
export interface HashOptions {
  /** By default as browsers can too; Node.js has something faster. */
  sha256?: Sha256 | undefined
}

/** The CIDv1 of a block's bytes. */
export function cidOfBlock (codec: number, bytes: Uint8Array, sha256: Sha256 = anySha256): CID {
  return blockCid(codec, sha256(bytes))
}

/** Bytes that a block with these links and this data has. */
export function dagPbLength (links: readonly BlockLink[], data: Uint8Array): number {
  let length = fieldLength(data.byteLength)
  for (const link of links) length += dagPbLinkLength(link)
  return length
}

/** Bytes that one link adds to a block. */
export function dagPbLinkLength (link: BlockLink): number {
  return fieldLength(linkLength(link))
}

/** Bytes of a block and of the blocks below, a block that is there twice counted twice. */
export function dagSizeOf (links: readonly Pick<BlockLink, 'dagSize'>[], { byteLength }: Uint8Array): number {
  return links.reduce((sum, { dagSize }) => sum + dagSize, byteLength)
}

/** Writes a block. Links are in the order of their names as bytes, and those with equal names as they are to stand. */
export function encodeDagPb (links: readonly BlockLink[], data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(dagPbLength(links, data))
  let at = 0
  for (const link of links) {
    const { name, cid, dagSize } = link
    bytes[at++] = linkTag
    at = writeVarint(bytes, at, linkLength(link))
    at = writeField(bytes, at, hashTag, cid.bytes)
    at = writeField(bytes, at, nameTag, name)
    bytes[at++] = sizeTag
    at = writeVarint(bytes, at, dagSize)
  }
  writeField(bytes, at, dataTag, data)
  return bytes
}

function linkLength ({ name, cid, dagSize }: BlockLink): number {
  return fieldLength(cid.bytes.byteLength) + fieldLength(name.byteLength) + 1 + varintLength(dagSize)
}

function fieldLength (bytes: number): number {
  return 1 + varintLength(bytes) + bytes
}

function writeField (bytes: Uint8Array, start: number, tag: number, content: Uint8Array): number {
  bytes[start] = tag
  const at = writeVarint(bytes, start + 1, content.byteLength)
  bytes.set(content, at)
  return at + content.byteLength
}

function writeVarint (bytes: Uint8Array, start: number, value: number): number {
  let at = start
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80
  bytes[at] = rest
  return at + 1
}
