import type { CID } from 'multiformats/cid'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader } from '../interface/store.ts'
import type { BlockIndex } from './block-index.ts'
import { blockKey, isStorable } from './block-key.ts'
import type { RecordFile } from './record-file.ts'
import { notStored } from './stored-blocks.ts'

/** What the view is made of. */
export interface PublicBlocksComponents {
  blocks: BlockReader
  index: Pick<BlockIndex, 'belongsToSome'>
  records: ReadonlyMap<string, RecordFile>
}

/** Blocks of bundles that are revealed and that anyone may read. Every other block looks as if it were not there. */
export class PublicBlocks implements BlockReader {
  readonly #components: PublicBlocksComponents

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
    return await blocks.has(cid, options) && index.belongsToSome(blockKey(cid), root => isPublic(records.get(root)))
  }
}

function isPublic (record: RecordFile | undefined): boolean {
  return record?.bundle.readers === 'anyone' && !record.bundle.embargoed
}
