import { isWholeSha256 } from '../format/bitswap-message.ts'
import { blockBytesMax } from '../limits.ts'
import type { CID } from 'multiformats/cid'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader } from '../interface/store.ts'

/** What bitswap sees of the store: public blocks. A block that cannot be read, for whatever reason, is one that is not there. */
export class ServedBlocks {
  readonly #blocks: Pick<BlockReader, 'get' | 'has'>

  constructor (blocks: Pick<BlockReader, 'get' | 'has'>) {
    this.#blocks = blocks
  }

  async has (cid: CID, options: AbortOptions = {}): Promise<boolean> {
    try {
      return isWholeSha256(cid) && await this.#blocks.has(cid, options)
    } catch {
      return false
    }
  }

  async get (cid: CID, options: AbortOptions = {}): Promise<Uint8Array | undefined> {
    try {
      const bytes = isWholeSha256(cid) ? await this.#blocks.get(cid, options) : undefined
      return bytes !== undefined && bytes.length <= blockBytesMax ? bytes : undefined
    } catch {
      return undefined
    }
  }
}
