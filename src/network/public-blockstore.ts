import { NotFoundError } from '@libp2p/interface'
import { BaseBlockstore } from 'blockstore-core'
import { sha256 } from 'multiformats/hashes/sha2'
import { blockBytesMax } from '../limits.ts'
import type { CID } from 'multiformats/cid'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader } from '../interface/store.ts'

/**
 * What bitswap sees of the store: public blocks, to be read only. A block that cannot be read, for whatever reason, is
 * one that is not there: bitswap takes any other error for its own and stops serving the peer that asked.
 */
export class PublicBlockstore extends BaseBlockstore {
  readonly #blocks: Pick<BlockReader, 'get' | 'has'>

  constructor (blocks: Pick<BlockReader, 'get' | 'has'>) {
    super()
    this.#blocks = blocks
  }

  override async has (cid: CID, { signal }: AbortOptions = {}): Promise<boolean> {
    try {
      return isServed(cid) && await this.#blocks.has(cid, { signal })
    } catch {
      return false
    }
  }

  override async * get (cid: CID, { signal }: AbortOptions = {}): AsyncGenerator<Uint8Array> {
    const bytes = isServed(cid) ? await this.#blocks.get(cid, { signal }).catch(() => undefined) : undefined
    if (bytes === undefined || bytes.byteLength > blockBytesMax) {
      throw new NotFoundError(`${cid.toString()} is not a public block of this node`)
    }
    yield bytes
  }
}

/** An identity CID may be as long as a message. */
function isServed (cid: CID): boolean {
  return cid.multihash.code === sha256.code
}
