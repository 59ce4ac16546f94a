import { keptLinksMax } from '../limits.ts'
import { readFileNode } from './file-node.ts'
import { SharedWorks } from './shared-work.ts'
import type { DagPlace, DagReader } from './dag-reader.ts'
import type { FileNode } from './unixfs-node.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/**
 * Blocks with links of the files of one reader, as they were decoded. Who reads many parts of a file at once comes by the same
 * few blocks for each of them, and reading and decoding these again would take longer than finding all parts does: nothing is
 * asked for until they are found.
 */
export class FileNodes {
  readonly #reader: Pick<DagReader, 'get'>
  /** Those that were used last are at the end. */
  readonly #nodes = new Map<string, FileNode>()
  readonly #reading = new SharedWorks<FileNode>()

  constructor (reader: Pick<DagReader, 'get'>) {
    this.#reader = reader
  }

  /** @throws {@link InvalidDagError} when it is no part of a file */
  async get (place: DagPlace, { signal }: AbortOptions): Promise<FileNode> {
    const key = place.cid.toString()
    const node = this.#nodes.get(key) ?? await this.#read(key, place, signal)
    this.#nodes.delete(key)
    this.#nodes.set(key, node)
    this.#trim(key)
    return node
  }

  async #read (key: string, place: DagPlace, signal: AbortSignal | undefined): Promise<FileNode> {
    const reading = this.#reading.running(key) ??
      this.#reading.start(key, async own => await readFileNode(this.#reader, place, { signal: own }))
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
