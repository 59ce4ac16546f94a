import type { CID } from 'multiformats/cid'
import { CorruptBlockError, NotStoredError } from '../errors.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader } from '../interface/store.ts'
import { blockKey } from './block-key.ts'
import { reindexBundle } from './reindex-bundle.ts'
import type { StoreParts } from './store-parts.ts'

/**
 * Reads blocks of one bundle. What the index has lost of it is found again in the files: LevelDB gives no sign of a table
 * that is damaged, the keys in it are gone.
 */
export class BundleReader implements BlockReader {
  readonly #parts: StoreParts
  readonly #root: string

  constructor (parts: StoreParts, root: string) {
    this.#parts = parts
    this.#root = root
  }

  async get (cid: CID, options: AbortOptions = {}): Promise<Uint8Array> {
    // It is read while the index is asked which file a block is in.
    if ((this.#parts.records.get(this.#root)?.carBlocks ?? 0) > 0) this.#parts.cars.prepare(this.#root)
    try {
      return await this.#parts.blocks.get(cid, options)
    } catch (error) {
      if (!await this.#isLost(cid, error) || !await reindexBundle(this.#parts, this.#root)) throw error
      return this.#parts.blocks.get(cid, options)
    }
  }

  async has (cid: CID, options: AbortOptions = {}): Promise<boolean> {
    return this.#parts.blocks.has(cid, options)
  }

  /** True for a block of which the index knows no place. */
  async #isLost (cid: CID, error: unknown): Promise<boolean> {
    if (!(error instanceof NotStoredError) && !(error instanceof CorruptBlockError)) return false
    const [home] = await this.#parts.index.find([blockKey(cid)])
    return home === undefined || home.place === 'elsewhere'
  }
}
