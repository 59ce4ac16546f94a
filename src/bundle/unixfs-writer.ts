import { forEachConcurrent } from '../format/concurrent.ts'
import { dagPbCodec, rawCodec } from '../format/dag-links.ts'
import { toUtf8 } from '../format/utf8.ts'
import { importBlocksConcurrency, namesHashedAtOnce } from '../limits.ts'
import { BalancedFile } from './balanced-file.ts'
import { chunksOf } from './chunks.ts'
import { cidOfBlock, dagPbLength, dagPbLinkLength, dagSizeOf, encodeDagPb } from './dag-pb-block.ts'
import { hashBytes } from './hamt-hash.ts'
import { shardBlocks } from './sharded-directory.ts'
import { directoryData } from './unixfs-data.ts'
import type { BlockLink, DagLink, HashOptions } from './dag-pb-block.ts'
import type { DirectoryEntries } from './directory-entries.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockWriter } from '../interface/store.ts'
import type { CID } from 'multiformats/cid'

/** How a file is written. */
export interface WriteFileOptions extends AbortOptions, HashOptions {
  /** Told of each leaf in the order of the file, before it is stored. What it waits for, the file waits for. */
  onLeaf?: (bytes: Uint8Array, cid: CID) => Promise<void>
  /** Cuts the content, in place of the profile. */
  chunks?: typeof chunksOf | undefined
}

/** How a directory is written. */
export interface WriteDirectoryOptions extends AbortOptions, HashOptions {
  /** Waits until other work has had its turn. Rejects when the directory is not wanted any more. */
  turn?: (() => Promise<unknown>) | undefined
}

/** A leaf of a file. */
interface Leaf {
  cid: CID
  bytes: Uint8Array
}

/** Bytes of a directory's block above which it is a HAMT in the import profile `unixfs-v1-2025`. */
const shardThresholdBytes = 262_144

/** Writes the content of a file as blocks, under the import profile `unixfs-v1-2025`, without mode and modification time. */
export async function writeFile (
  blocks: BlockWriter, content: AsyncIterable<Uint8Array>, options: WriteFileOptions = {}
): Promise<DagLink> {
  const layout = new BalancedFile(blocks, options)
  await forEachConcurrent(leavesOf(content, layout, options), importBlocksConcurrency, async ({ cid, bytes }) => {
    await blocks.put(cid, bytes, options)
  })
  const { cid, dagSize } = await layout.end()
  return { cid, dagSize }
}

/**
 * Writes one directory from entries that are known by their CIDs, under the same profile. It becomes a HAMT when its
 * block would be larger than the profile's threshold.
 */
export async function writeDirectory (
  blocks: BlockWriter, entries: DirectoryEntries, options: WriteDirectoryOptions = {}
): Promise<DagLink> {
  options.signal?.throwIfAborted()
  const links = linksInOneBlock(entries)
  if (links === undefined) return writeShards(blocks, entries, options)
  links.sort((a, b) => compareBytes(a.name, b.name))
  const bytes = encodeDagPb(links, directoryData)
  const cid = cidOfBlock(dagPbCodec, bytes, options.sha256)
  await blocks.put(cid, bytes, options)
  return { cid, dagSize: dagSizeOf(links, bytes) }
}

/** Undefined when they are more than the profile has in one block. */
function linksInOneBlock (entries: DirectoryEntries): BlockLink[] | undefined {
  const links: BlockLink[] = []
  let length = dagPbLength([], directoryData)
  for (const text of entries.names()) {
    const named = { ...entries.at(links.length), name: toUtf8(text) }
    length += dagPbLinkLength(named)
    if (length > shardThresholdBytes) return undefined
    links.push(named)
  }
  return links
}

async function writeShards (
  blocks: BlockWriter, entries: DirectoryEntries, options: WriteDirectoryOptions
): Promise<DagLink> {
  let root: DagLink | undefined
  const shards = shardBlocks(entries, await hashNames(entries, options), { sha256: options.sha256 })
  await forEachConcurrent(shards, importBlocksConcurrency, async ({ cid, dagSize, bytes }) => {
    root = { cid, dagSize }
    await blocks.put(cid, bytes, options)
  })
  if (root === undefined) throw new TypeError('A directory has at least one block')
  return root
}

/** Eight bytes for each name. */
async function hashNames (entries: DirectoryEntries, { turn }: WriteDirectoryOptions): Promise<Uint8Array> {
  const hashes = new Uint8Array(8 * entries.length)
  let at = 0
  for (const name of entries.names()) {
    if (at % namesHashedAtOnce === 0) await turn?.()
    hashes.set(hashBytes(name), 8 * at++)
  }
  return hashes
}

async function * leavesOf (
  content: AsyncIterable<Uint8Array>, layout: BalancedFile, { onLeaf, sha256, chunks = chunksOf }: WriteFileOptions
): AsyncGenerator<Leaf> {
  let isEmpty = true
  for await (const bytes of chunks(content)) {
    isEmpty = false
    yield await leafOf(bytes)
  }
  if (isEmpty) yield await leafOf(new Uint8Array())

  async function leafOf (bytes: Uint8Array): Promise<Leaf> {
    const cid = cidOfBlock(rawCodec, bytes, sha256)
    await onLeaf?.(bytes, cid)
    await layout.add(cid, bytes.byteLength)
    return { cid, bytes }
  }
}

function compareBytes (a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.byteLength, b.byteLength)
  for (let at = 0; at < length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return a.byteLength - b.byteLength
}
