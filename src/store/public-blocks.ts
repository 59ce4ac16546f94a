import type { CID } from 'multiformats/cid'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader } from '../interface/store.ts'
import type { BlockIndex } from './block-index.ts'
import { blockKey, isStorable } from './block-key.ts'
import { KeySet } from './key-set.ts'
import { isPublicRecord } from './records.ts'
import type { Records } from './records.ts'
import { notStored } from './stored-blocks.ts'

/** What the view is made of. */
export interface PublicBlocksComponents {
  blocks: BlockReader
  index: Pick<BlockIndex, 'belongsToSome' | 'blocksOf'>
  records: Records
}

/**
 * Blocks of bundles that are revealed and that anyone may read. Every other block looks as if it were not there, and that is said
 * from memory: neither the answer nor the time that it takes tells a hidden block from one that does not exist.
 */
export class PublicBlocks implements BlockReader {
  readonly #components: PublicBlocksComponents
  /** Blocks that were public at some time since the repository was opened: only of these the index is asked. */
  readonly #keys = new KeySet()
  #reading: Promise<void> = Promise.resolve()

  constructor (components: PublicBlocksComponents) {
    this.#components = components
  }

  async get (cid: CID, options: AbortOptions = {}): Promise<Uint8Array> {
    if (!await this.has(cid, options)) throw notStored(cid)
    return this.#components.blocks.get(cid, options)
  }

  async has (cid: CID, options: AbortOptions = {}): Promise<boolean> {
    options.signal?.throwIfAborted()
    if (!isStorable(cid)) return false
    const { blocks, index, records } = this.#components
    if (records.hasAnnounced) this.#reading = this.#reading.then(() => this.#readAnnounced())
    await this.#reading
    const key = blockKey(cid)
    if (!this.#keys.has(key)) return false
    return await blocks.has(cid, options) && index.belongsToSome(key, root => isPublicRecord(records.get(root)))
  }

  /** What cannot be read is tried again with the next question, which somebody else may ask. */
  async #readAnnounced (): Promise<void> {
    const { index, records } = this.#components
    for (const root of records.takeAnnounced()) {
      try {
        for await (const part of index.blocksOf(root)) for (const { key } of part) this.#keys.add(key)
      } catch {
        records.announce(root)
      }
    }
  }
}
