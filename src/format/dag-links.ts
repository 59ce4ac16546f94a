/**
 * The blocks that a bundle may be made of, and the links between them.
 *
 * A block is named by a CID with the codec dag-pb (0x70) or raw (0x55) and a whole sha2-256 digest (0x12, 32 bytes).
 * CIDv0 is accepted inside a DAG, because directories made by older software contain it; it always means dag-pb. Two CIDs name
 * the same block of a DAG when codec and digest are equal, so it does not matter which version of CID links it.
 *
 * The links of a dag-pb block are the `Hash` fields of its `Links`, in the order in which they stand there
 * (https://ipld.io/specs/codecs/dag-pb/spec/). A raw block has none. A block has at most 8,192 links.
 */
import type { CID } from 'multiformats/cid'
import { InvalidDagError, LimitExceededError } from '../errors.ts'
import { linksMax } from '../limits.ts'
import { decodeDagPbLinks } from './dag-pb.ts'
import { readFieldVarint } from './varint.ts'

/** Codec of files without structure and of the leaves of larger files. */
export const rawCodec = 0x55

/** Codec of directories and of files with more than one block. */
export const dagPbCodec = 0x70

const sha256Code = 0x12
const sha256Bytes = 32
const dataTag = 0x0a
const linkTag = 0x12

/**
 * Refuses a CID that a block of a bundle cannot have.
 *
 * @throws {@link InvalidDagError} when its codec is neither dag-pb nor raw, or its hash is not sha2-256
 */
export function checkBlockCid (cid: CID): void {
  const { code, digest } = cid.multihash
  if (code !== sha256Code || digest.length !== sha256Bytes) {
    throw new InvalidDagError(
      `Block ${cid.toString()} is named by hash 0x${code.toString(16)} with ${digest.length} bytes; only whole sha2-256 is taken`,
      { cid: cid.toString(), hash: code }
    )
  }
  if (cid.code !== rawCodec && cid.code !== dagPbCodec) {
    throw new InvalidDagError(
      `Block ${cid.toString()} has codec 0x${cid.code.toString(16)}; only dag-pb and raw are taken`,
      { cid: cid.toString(), codec: cid.code }
    )
  }
}

/**
 * Lists what a block links to, in order, repetitions included.
 *
 * @throws {@link InvalidDagError} when `cid` or a link is not one that a bundle may have, or `bytes` are not its codec
 * @throws {@link LimitExceededError} when there are more links than `linksMax`
 */
export function linksOf (cid: CID, bytes: Uint8Array): CID[] {
  checkBlockCid(cid)
  if (cid.code === rawCodec) return []
  boundLinks(cid, bytes)
  const links = decodeLinks(cid, bytes)
  for (const link of links) checkBlockCid(link)
  return links
}

/** Names a block by codec and digest: shorter to compare than the text of a CID, and cheaper to make. */
export function blockName (cid: CID): string {
  let name = String.fromCharCode(cid.code)
  // One character at a time is five times as fast as all at once.
  for (const byte of cid.multihash.digest) name += String.fromCharCode(byte)
  return name
}

/** Counts before decoding, because a block of two megabytes has room for hundreds of thousands of links. */
function boundLinks (cid: CID, bytes: Uint8Array): void {
  let links = 0
  let offset = 0
  while (offset < bytes.length) {
    const tag = bytes[offset]
    if (tag !== dataTag && tag !== linkTag) return
    if (tag === linkTag && ++links > linksMax) {
      throw new LimitExceededError(`Block ${cid.toString()} has more than ${linksMax} links`,
        { limit: 'linksMax', max: linksMax, actual: links, cid: cid.toString() })
    }
    const length = readLength(cid, bytes, offset + 1)
    offset = length.next + length.value
  }
}

function readLength (cid: CID, bytes: Uint8Array, offset: number): ReturnType<typeof readFieldVarint> {
  try {
    return readFieldVarint(bytes, offset)
  } catch (cause) {
    throw malformed(cid, cause)
  }
}

function decodeLinks (cid: CID, bytes: Uint8Array): CID[] {
  try {
    return decodeDagPbLinks(bytes)
  } catch (cause) {
    throw malformed(cid, cause)
  }
}

function malformed (cid: CID, cause: unknown): InvalidDagError {
  return new InvalidDagError(`Block ${cid.toString()} is not valid dag-pb`, { cid: cid.toString(), cause })
}
