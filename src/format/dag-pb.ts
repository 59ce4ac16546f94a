/**
 * Blocks of dag-pb, as most are: links first, each with hash, name and size in this order, then the data, and every CID a CIDv1
 * with a whole sha2-256 digest (https://ipld.io/specs/codecs/dag-pb/spec/). What has another form is left to the general decoder,
 * which takes six times as long.
 */
import { decode } from '@ipld/dag-pb'
import type { PBLink, PBNode } from '@ipld/dag-pb'
import { blockCidAt } from './block-cid.ts'

const linkTag = 0x12
const dataTag = 0x0a
const hashTag = 0x0a
const nameTag = 0x12
const sizeTag = 0x18
const hashBytes = 36

/** What the varints that are read here are below; above it they are left to the general decoder. */
const numberMax = 2 ** 49

const text = new TextDecoder()

/**
 * Reads a block. Its data is a view of it, and nothing else is.
 *
 * @throws Error when it is not dag-pb
 */
export function decodeDagPb (bytes: Uint8Array): PBNode {
  return readUsual(bytes) ?? decode(bytes)
}

function readUsual (bytes: Uint8Array): PBNode | undefined {
  const links: PBLink[] = []
  let at = 0
  // Not a number when it is too long or cut off: then no comparison with it is true.
  const readNumber = (): number => {
    let value = 0
    for (let factor = 1; factor < numberMax && at < bytes.length; factor *= 0x80) {
      const byte = bytes[at++] ?? 0
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
    return NaN
  }
  while (at < bytes.length) {
    const tag = bytes[at++]
    const length = readNumber()
    const end = at + length
    if (!(end <= bytes.length)) return undefined
    if (tag === dataTag) return end === bytes.length ? { Data: bytes.subarray(at), Links: links } : undefined
    if (tag !== linkTag || bytes[at++] !== hashTag || bytes[at++] !== hashBytes) return undefined
    const cid = blockCidAt(bytes, at)
    at += hashBytes
    if (cid === undefined || bytes[at++] !== nameTag) return undefined
    const nameBytes = readNumber()
    const name = bytes.subarray(at, at + nameBytes)
    at += nameBytes
    if (!(at < end) || bytes[at++] !== sizeTag) return undefined
    const size = readNumber()
    if (!(size >= 0) || at !== end) return undefined
    links.push({ Hash: cid, Name: text.decode(name), Tsize: size })
  }
  return { Links: links }
}
