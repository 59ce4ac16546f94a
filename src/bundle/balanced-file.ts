import { dagPbCodec } from '../format/dag-links.ts'
import { cidOfBlock, dagSizeOf, encodeDagPb } from './dag-pb-block.ts'
import { encodeFileData } from './unixfs-data.ts'
import type { HashOptions } from './dag-pb-block.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockWriter } from '../interface/store.ts'
import type { CID } from 'multiformats/cid'

/** Links of one node of a file in the import profile `unixfs-v1-2025`. */
const linksPerNode = 1024

const noName = new Uint8Array(0)

/** A leaf or a node of a file. */
export interface FilePart {
  cid: CID
  /** Bytes of the blocks below, a block that is there twice counted twice. */
  dagSize: number
  /** Content bytes. */
  size: number
}

/**
 * The balanced layout of a file over raw leaves: nodes of `linksPerNode` parts, level upon level, until one is left. A file
 * of one leaf is that leaf.
 */
export class BalancedFile {
  readonly #blocks: BlockWriter
  readonly #options: AbortOptions & HashOptions
  readonly #above: FilePart[] = []
  #batch: FilePart[] = []

  constructor (blocks: BlockWriter, options: AbortOptions & HashOptions = {}) {
    this.#blocks = blocks
    this.#options = options
  }

  /** Takes the next leaf. */
  async add (cid: CID, size: number): Promise<void> {
    this.#batch.push({ cid, dagSize: size, size })
    if (this.#batch.length < linksPerNode) return
    const batch = this.#batch
    this.#batch = []
    this.#above.push(await this.#write(batch))
  }

  /** Writes what is left to write, and says what the file is. */
  async end (): Promise<FilePart> {
    const [single] = this.#batch
    if (single !== undefined && this.#batch.length === 1 && this.#above.length === 0) return single
    let level = this.#above
    if (this.#batch.length > 0) level.push(await this.#write(this.#batch))
    while (level.length > 1) {
      const below = level
      level = []
      for (let at = 0; at < below.length; at += linksPerNode) level.push(await this.#write(below.slice(at, at + linksPerNode)))
    }
    const [root] = level
    if (root === undefined) throw new TypeError('A file has at least one leaf')
    return root
  }

  async #write (parts: readonly FilePart[]): Promise<FilePart> {
    const links = parts.map(({ cid, dagSize }) => ({ name: noName, cid, dagSize }))
    const bytes = encodeDagPb(links, encodeFileData(parts.map(({ size }) => size)))
    const cid = cidOfBlock(dagPbCodec, bytes, this.#options.sha256)
    await this.#blocks.put(cid, bytes, this.#options)
    return {
      cid,
      dagSize: dagSizeOf(parts, bytes),
      size: parts.reduce((sum, { size }) => sum + size, 0)
    }
  }
}
