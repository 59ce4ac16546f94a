import { keptLinksMax } from '../limits.ts'
import { SharedWorks } from './shared-work.ts'
import { decodeUnixfs, invalid } from './unixfs-node.ts'
import type { DagPlace, DagReader } from './dag-reader.ts'
import type { FileNode } from './unixfs-node.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/** Nodes of each reader. */
const kept = new WeakMap<DagReader, KeptNodes>()

/**
 * Reads a block with links of a file. Who reads many parts of a file at once comes by the same few blocks for each of them, and
 * reading and decoding these again would take longer than finding all parts does: nothing is asked for until they are found.
 *
 * @throws {@link InvalidDagError} when it is no part of a file
 */
export async function fileNode (reader: DagReader, place: DagPlace, options: AbortOptions): Promise<FileNode> {
  const known = kept.get(reader) ?? new KeptNodes()
  kept.set(reader, known)
  return await known.get(place.cid.toString(), async own => {
    const node = decodeUnixfs(place.cid, await reader.get(place, own))
    if (node.type !== 'file') throw invalid(place.cid, `is a ${node.type} where part of a file should be`)
    return node
  }, options)
}

class KeptNodes {
  /** Those that were used last are at the end. */
  readonly #nodes = new Map<string, FileNode>()
  readonly #reading = new SharedWorks<FileNode>()

  async get (key: string, read: (options: AbortOptions) => Promise<FileNode>, { signal }: AbortOptions): Promise<FileNode> {
    const node = this.#nodes.get(key) ?? await this.#read(key, read, signal)
    this.#nodes.delete(key)
    this.#nodes.set(key, node)
    this.#trim(key)
    return node
  }

  async #read (
    key: string, read: (options: AbortOptions) => Promise<FileNode>, signal: AbortSignal | undefined
  ): Promise<FileNode> {
    const reading = this.#reading.running(key) ?? this.#reading.start(key, async own => await read({ signal: own }))
    return await reading.join(signal)
  }

  #trim (newest: string): void {
    let links = 0
    for (const { parts } of this.#nodes.values()) links += parts.length
    for (const [key, { parts }] of this.#nodes) {
      if (links <= keptLinksMax || key === newest) return
      this.#nodes.delete(key)
      links -= parts.length
    }
  }
}
