import { directoryCacheLinksMax } from '../limits.ts'
import { decodeUnixfs } from './unixfs-node.ts'
import type { DagPlace, DagReader } from './dag-reader.ts'
import type { DirectoryNode, ShardNode, UnixfsNode } from './unixfs-node.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/** How blocks are read. */
export interface ReadNodeOptions extends AbortOptions {
  /** False for who comes to each directory once: what it reads is not kept, and not looked for. */
  keep?: boolean
}

/** Decoded directories, the one used last is last. */
interface NodeCache {
  nodes: Map<string, DirectoryNode | ShardNode>
  links: number
}

/** Gone with the reader, which is gone with its handle. */
const caches = new WeakMap<DagReader, NodeCache>()

/**
 * Reads and decodes one block. Directories that were read lately are kept as they were decoded: finding one file after
 * another in a directory of thousands would decode all of its links for each.
 *
 * @throws {@link InvalidDagError}, {@link LimitExceededError} when it is not UnixFS that a bundle may hold
 */
export async function readNode (reader: DagReader, place: DagPlace, options: ReadNodeOptions = {}): Promise<UnixfsNode> {
  options.signal?.throwIfAborted()
  // Whoever goes through a hundred thousand blocks once would have the text of each made, and remembered for as long as its CID.
  const key = options.keep === false ? '' : place.cid.toString()
  const cache = caches.get(reader) ?? { nodes: new Map<string, DirectoryNode | ShardNode>(), links: 0 }
  caches.set(reader, cache)
  const known = take(cache, key)
  if (known !== undefined) return put(cache, key, known)
  const node = decodeUnixfs(place.cid, await reader.get(place, options))
  if (node.type === 'file' || key === '') return node
  take(cache, key)
  return put(cache, key, node)
}

function take (cache: NodeCache, key: string): DirectoryNode | ShardNode | undefined {
  const node = cache.nodes.get(key)
  if (node === undefined) return undefined
  cache.nodes.delete(key)
  cache.links -= costOf(node)
  return node
}

function put (cache: NodeCache, key: string, node: DirectoryNode | ShardNode): DirectoryNode | ShardNode {
  cache.nodes.set(key, node)
  cache.links += costOf(node)
  for (const oldest of cache.nodes.keys()) {
    if (cache.links <= directoryCacheLinksMax || oldest === key) break
    take(cache, oldest)
  }
  return node
}

/** A directory without links takes memory as well. */
function costOf (node: DirectoryNode | ShardNode): number {
  return node.links.length + 1
}
