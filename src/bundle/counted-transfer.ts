import type { BlockReader, BlockWriter } from '../interface/store.ts'
import type { FetchDagOptions, FetchedDag, Transfer } from '../interface/transfer.ts'
import type { CID } from 'multiformats/cid'

/** Fetches as another transfer does, and counts what comes. */
export class CountedTransfer implements Pick<Transfer, 'fetchDag'> {
  readonly #transfer: Pick<Transfer, 'fetchDag'>
  #bytesFetched = 0

  constructor (transfer: Pick<Transfer, 'fetchDag'>) {
    this.#transfer = transfer
  }

  /** Bytes of the blocks that have come and were verified, also of fetches that failed or are going on. */
  get bytesFetched (): number {
    return this.#bytesFetched
  }

  async fetchDag (root: CID, into: BlockReader & BlockWriter, options: FetchDagOptions): Promise<FetchedDag> {
    return await this.#transfer.fetchDag(root, this.#counted(into), options)
  }

  /** A block is put once it was verified, and nothing else is. */
  #counted (into: BlockReader & BlockWriter): BlockReader & BlockWriter {
    return {
      get: (cid, options) => into.get(cid, options),
      has: (cid, options) => into.has(cid, options),
      put: (cid, bytes, options) => {
        this.#bytesFetched += bytes.length
        return into.put(cid, bytes, options)
      },
      expect: bytes => { into.expect?.(bytes) }
    }
  }
}
