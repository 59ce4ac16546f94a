import { AnchorError } from '../../src/errors.ts'
import type { Anchor, AnchorReceipt } from '../../src/interface/anchor.ts'
import type { AbortOptions, Digest } from '../../src/interface/primitives.ts'

/** An anchor in memory: a chain of its own, with a block for each transaction. */
export class FakeAnchor implements Anchor {
  readonly id: string
  readonly blocks: AnchorReceipt[] = []
  /** What each transaction wrote. */
  readonly transactions: Digest[][] = []
  reads = 0
  /** Refuses to write: before the transaction is sent, or when it was and nobody hears of it. */
  fails: 'before' | 'after' | undefined
  /** Resolves when somebody writes; what it waits for then is `until`. */
  until: Promise<unknown> = Promise.resolve()

  constructor (id = 'eip155:1:0xfa') {
    this.id = id
  }

  async write (digests: readonly Digest[], { signal }: AbortOptions = {}): Promise<AnchorReceipt[]> {
    if (this.fails === 'before') throw new AnchorError('nobody answers')
    const fresh = digests.filter(digest => !this.#has(digest))
    if (fresh.length > 0) this.transactions.push(fresh)
    for (const digest of fresh) this.blocks.push(this.#receipt(digest))
    await this.until
    signal?.throwIfAborted()
    if (this.fails === 'after') throw new AnchorError('nobody answers any more')
    return await Promise.all(digests.map(async digest => await this.read(digest) as AnchorReceipt))
  }

  async read (digest: Digest): Promise<AnchorReceipt | undefined> {
    this.reads++
    await Promise.resolve()
    return this.blocks.find(receipt => receipt.digest === digest)
  }

  #has (digest: Digest): boolean {
    return this.blocks.some(receipt => receipt.digest === digest)
  }

  #receipt (digest: Digest): AnchorReceipt {
    const blockNumber = String(this.blocks.length)
    return { digest, anchor: this.id, blockNumber, blockHash: `0x${blockNumber.padStart(64, '0')}`, time: '1700000000', gasUsed: '45000' }
  }
}
