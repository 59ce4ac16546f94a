import { InvalidDagError, LimitExceededError } from '../errors.ts'
import { decodeDagPb } from '../format/dag-pb.ts'
import { checkBlockCid, rawCodec } from '../format/dag-links.ts'
import { hamtFanoutMax, linksMax } from '../limits.ts'
import { decodeUnixfsData, murmur3x64 } from './unixfs-data.ts'
import type { UnixfsData } from './unixfs-data.ts'
import type { PBLink, PBNode } from '@ipld/dag-pb'
import type { CID } from 'multiformats/cid'

/** A file, or a part of one. Its own `data` comes before its parts. */
export interface FileNode {
  type: 'file'
  data: Uint8Array
  parts: readonly { cid: CID, size: number }[]
  /** Content bytes: of `data` and of all parts. */
  size: number
}

/** A link to an entry, or to a nested shard. */
export interface NamedLink {
  name: string
  cid: CID
  /** Bytes of the DAG below, as the link says; for a raw block these are its content. Unchecked. */
  dagSize: number | undefined
}

/** A directory in one block. */
export interface DirectoryNode {
  type: 'directory'
  links: readonly NamedLink[]
}

/** A block of a directory that is a hash array mapped trie. */
export interface ShardNode {
  type: 'shard'
  /** Bits of a name's hash that each level consumes. */
  bits: number
  /** In the order of `slots`; names without their prefix, empty for a nested shard. */
  links: readonly (NamedLink & { slot: number })[]
}

/** What a block of a bundle can be. */
export type UnixfsNode = FileNode | DirectoryNode | ShardNode

/**
 * Reads one block as UnixFS.
 *
 * @throws {@link InvalidDagError} when it is not UnixFS that a bundle may hold
 * @throws {@link LimitExceededError} when it has more than `linksMax` links
 */
export function decodeUnixfs (cid: CID, bytes: Uint8Array): UnixfsNode {
  checkBlockCid(cid)
  if (cid.code === rawCodec) return { type: 'file', data: bytes, parts: [], size: bytes.byteLength }
  const { Links: links, Data: data } = decodeNode(cid, bytes)
  if (links.length > linksMax) {
    throw new LimitExceededError(`Block ${cid.toString()} has ${links.length} links, more than ${linksMax}`,
      { limit: 'linksMax', max: linksMax, actual: links.length, cid: cid.toString() })
  }
  for (const { Hash } of links) checkBlockCid(Hash)
  if (data === undefined) throw invalid(cid, 'has no UnixFS data')
  const unixfs = unmarshal(cid, data)
  switch (unixfs.type) {
    case 'file': return fileNode(cid, unixfs, links)
    case 'raw': return fileNode(cid, unixfs, links)
    case 'directory': return { type: 'directory', links: links.map(namedLink) }
    case 'hamt-shard': return shardNode(cid, unixfs, links)
    default: throw invalid(cid, `is of UnixFS type ${unixfs.type}; only files and directories are taken`)
  }
}

/** An error about one block. */
export function invalid (cid: CID, problem: string, cause?: unknown): InvalidDagError {
  return new InvalidDagError(`Block ${cid.toString()} ${problem}`, { cid: cid.toString(), cause })
}

function decodeNode (cid: CID, bytes: Uint8Array): PBNode {
  try {
    return decodeDagPb(bytes)
  } catch (cause) {
    throw invalid(cid, 'is not valid dag-pb', cause)
  }
}

function unmarshal (cid: CID, data: Uint8Array): UnixfsData {
  try {
    return decodeUnixfsData(data)
  } catch (cause) {
    throw invalid(cid, 'is not valid UnixFS', cause)
  }
}

function fileNode (cid: CID, { data, blockSizes, fileSize }: UnixfsData, links: readonly PBLink[]): FileNode {
  if (blockSizes.length !== links.length) throw invalid(cid, `has ${links.length} links and ${blockSizes.length} sizes for them`)
  let size = data.byteLength
  const parts = links.map(({ Hash }, index) => {
    const partSize = blockSizes[index] ?? 0
    // Parts without content could be repeated without end in a DAG of a few blocks.
    if (partSize === 0) throw invalid(cid, `has a part ${index} of no bytes`)
    size += partSize
    return { cid: Hash, size: partSize }
  })
  if (!Number.isSafeInteger(size)) throw invalid(cid, `says that it is a file of ${size} bytes`)
  if (fileSize !== undefined && fileSize !== size) {
    throw invalid(cid, `says that it is a file of ${fileSize} bytes, and its parts are ${size}`)
  }
  return { type: 'file', data, parts, size }
}

function shardNode (cid: CID, { data, fanout = 0, hashType }: UnixfsData, links: readonly PBLink[]): ShardNode {
  const bits = Math.log2(fanout)
  if (fanout < 2 || fanout > hamtFanoutMax || !Number.isInteger(bits)) {
    throw invalid(cid, `is a directory shard with a fan-out of ${fanout}; only powers of two from 2 to ${hamtFanoutMax} are taken`)
  }
  if (hashType !== murmur3x64) throw invalid(cid, `is a directory shard with hash type ${hashType}; only 0x22 is taken`)
  const digits = (fanout - 1).toString(16).length
  let previous = -1
  const slotted = links.map((link) => {
    const name = link.Name ?? ''
    const prefix = name.slice(0, digits)
    const slot = /^[0-9A-F]+$/.test(prefix) && prefix.length === digits ? Number.parseInt(prefix, 16) : -1
    if (slot <= previous || slot >= fanout) throw invalid(cid, `is a directory shard with a link ${JSON.stringify(prefix)} out of place`)
    previous = slot
    return { ...namedLink(link), name: name.slice(digits), slot }
  })
  checkBitField(cid, data, slotted)
  return { type: 'shard', bits, links: slotted }
}

/** Readers that find a link by counting bits must find the same one. */
function checkBitField (cid: CID, field: Uint8Array, links: readonly { slot: number }[]): void {
  let bits = 0
  for (const byte of field) {
    for (let rest = byte; rest > 0; rest &= rest - 1) bits++
  }
  const isSet = ({ slot }: { slot: number }): boolean => (((field.at(-1 - (slot >> 3)) ?? 0) >> (slot & 7)) & 1) === 1
  if (bits !== links.length || !links.every(isSet)) throw invalid(cid, 'is a directory shard whose bit field disagrees with its links')
}

function namedLink ({ Name = '', Hash, Tsize }: PBLink): NamedLink {
  return { name: Name, cid: Hash, dagSize: Tsize }
}
