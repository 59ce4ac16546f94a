import { decodeUnixfs, invalid } from './unixfs-node.ts'
import type { DagPlace, DagReader } from './dag-reader.ts'
import type { FileNode } from './unixfs-node.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/**
 * Reads a block of a file as a node of it, anew unless the reader keeps those that were read.
 *
 * @throws {@link InvalidDagError} when it is no part of a file
 */
export async function fileNode (reader: DagReader, place: DagPlace, options: AbortOptions): Promise<FileNode> {
  return await (reader.fileNode?.(place, options) ?? readFileNode(reader, place, options))
}

/** Does the same, always anew. */
export async function readFileNode (
  reader: Pick<DagReader, 'get'>, place: DagPlace, options: AbortOptions
): Promise<FileNode> {
  const node = decodeUnixfs(place.cid, await reader.get(place, options))
  if (node.type !== 'file') throw invalid(place.cid, `is a ${node.type} where part of a file should be`)
  return node
}
