/**
 * Blocks of dag-pb as they are read (https://ipld.io/specs/codecs/dag-pb/spec/). One of a thousand links is read again for each
 * part of a large file, by whoever asks for it and by whoever sends it, and the general decoder takes a millisecond for it: most
 * of that for three small buffers of each CID. What is written as nearly everybody writes it is read here, into one buffer for
 * all links; anything else is left to the general decoder, so that what is refused, and how, stays up to that alone.
 */
import { decode } from '@ipld/dag-pb'
import { CID } from 'multiformats/cid'
import { Digest } from 'multiformats/hashes/digest'
import type { PBLink, PBNode } from '@ipld/dag-pb'

const linkTag = 0x12
const dataTag = 0x0a
const hashTag = 0x0a
const nameTag = 0x12
const sizeTag = 0x18

const sha256Code = 0x12
const digestBytes = 32
/** Version 1, a codec, and the code and the length of the hash. */
const cidHeadBytes = 4
const cidBytes = cidHeadBytes + digestBytes

/** A link as it stands in a block. */
interface FoundLink {
  cidAt: number
  name: string | undefined
  size: number | undefined
}

/** Reads a block. Its data is a view of it; its CIDs are not, and share a buffer. Throws as the general decoder does. */
export function decodeDagPb (bytes: Uint8Array): PBNode {
  return readUsual(bytes) ?? decode(bytes)
}

/** Undefined for whatever is not links, as they are usual, and then data. */
function readUsual (bytes: Uint8Array): PBNode | undefined {
  const links: FoundLink[] = []
  let at = 0
  while (at < bytes.length && bytes[at] === linkTag) {
    const length = readVarint(bytes, at + 1)
    const end = length === undefined ? Infinity : length.next + length.value
    const link = length === undefined || end > bytes.length ? undefined : readLink(bytes, length.next, end)
    if (link === undefined) return undefined
    links.push(link)
    at = end
  }
  if (at === bytes.length) return { Links: toLinks(bytes, links) }
  const length = bytes[at] === dataTag ? readVarint(bytes, at + 1) : undefined
  if (length === undefined || length.next + length.value !== bytes.length) return undefined
  return { Data: bytes.subarray(length.next), Links: toLinks(bytes, links) }
}

/** A hash, and then a name and a size or none of either. */
function readLink (bytes: Uint8Array, start: number, end: number): FoundLink | undefined {
  const cidAt = start + 2
  let at = cidAt + cidBytes
  if (bytes[start] !== hashTag || bytes[start + 1] !== cidBytes || at > end || !isUsualCid(bytes, cidAt)) return undefined
  let [name, size]: [string | undefined, number | undefined] = [undefined, undefined]
  if (at < end && bytes[at] === nameTag) {
    const length = readVarint(bytes, at + 1)
    if (length === undefined || length.next + length.value > end) return undefined
    at = length.next + length.value
    name = length.value === 0 ? '' : text.decode(bytes.subarray(length.next, at))
  }
  if (at < end && bytes[at] === sizeTag) {
    const read = readVarint(bytes, at + 1)
    if (read === undefined) return undefined
    ;({ value: size, next: at } = read)
  }
  return at === end ? { cidAt, name, size } : undefined
}

const text = new TextDecoder()

function isUsualCid (bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 1 && (bytes[at + 1] ?? 0x80) < 0x80 && bytes[at + 2] === sha256Code && bytes[at + 3] === digestBytes
}

function toLinks (bytes: Uint8Array, links: readonly FoundLink[]): PBLink[] {
  const cids = new Uint8Array(new ArrayBuffer(links.length * cidBytes))
  return links.map(({ cidAt, name, size }, index) => {
    const at = index * cidBytes
    cids.set(bytes.subarray(cidAt, cidAt + cidBytes), at)
    const own = cids.subarray(at, at + cidBytes)
    const hash = new Digest(sha256Code, digestBytes, own.subarray(cidHeadBytes), own.subarray(2))
    const link: PBLink = { Hash: new CID(1, own[1] ?? 0, hash, own) }
    if (name !== undefined) link.Name = name
    if (size !== undefined) link.Tsize = size
    return link
  })
}

/** Undefined when it is cut off, or longer than seven bytes: then it is not what is usual. */
function readVarint (bytes: Uint8Array, at: number): { value: number, next: number } | undefined {
  let value = 0
  for (let factor = 1; factor < 2 ** 49; factor *= 0x80) {
    const byte = bytes[at++]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return { value, next: at }
  }
  return undefined
}
