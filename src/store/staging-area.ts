import type { CID } from 'multiformats/cid'
import { InvalidArgumentError, LimitExceededError } from '../errors.ts'
import { checkBlockCid } from '../format/dag-links.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { NewBundle, Staging, StoredBundle } from '../interface/store.ts'
import { blockBytesMax } from '../limits.ts'
import { blockKey } from './block-key.ts'
import { commitBundle } from './commit-bundle.ts'
import { rootText } from './paths.ts'
import { rejecting } from './rejecting.ts'
import { repairStaged, settleStaged } from './repair-blocks.ts'
import { repairBundle } from './repair-bundle.ts'
import { StagedBlocks } from './staged-blocks.ts'
import type { StoreParts } from './store-parts.ts'
import { UnlistedMark } from './unlisted-mark.ts'
import type { Mark } from './unlisted-mark.ts'

/** What a staging area may be given. */
export interface StagingAreaInit {
  /** Called when nothing is left to be done. */
  onEnd?: () => void
  /** Says that there are block files that no record lists; one of its own when absent. */
  mark?: Mark
}

/** Blocks of one bundle on their way, until they are committed or discarded. */
export class StagingArea implements Staging {
  readonly blocks: StagedBlocks
  readonly #parts: StoreParts
  readonly #onEnd: () => void
  #state: 'open' | 'committing' | 'ended' = 'open'
  #committing: Promise<unknown> = Promise.resolve()

  constructor (parts: StoreParts, { onEnd = (): void => {}, mark = new UnlistedMark(parts) }: StagingAreaInit = {}) {
    this.blocks = new StagedBlocks(parts, mark)
    this.#parts = parts
    this.#onEnd = onEnd
  }

  expect (bytes: number): void {
    this.#parts.space.assertFits(bytes)
  }

  put (cid: CID, bytes: Uint8Array, options: AbortOptions = {}): Promise<void> | undefined {
    return rejecting(() => {
      options.signal?.throwIfAborted()
      this.#assertOpen()
      checkBlock(cid, bytes)
      return this.blocks.put(cid, bytes, options)
    })
  }

  sizeOf (cid: CID): number | undefined {
    return this.blocks.staged(blockKey(cid))?.length
  }

  get (cid: CID, options: AbortOptions = {}): Promise<Uint8Array> {
    return this.blocks.get(cid, options)
  }

  has (cid: CID, options: AbortOptions = {}): Promise<boolean> {
    return this.blocks.has(cid, options)
  }

  async commit (record: NewBundle, options: AbortOptions = {}): Promise<StoredBundle> {
    options.signal?.throwIfAborted()
    this.#assertOpen()
    this.#state = 'committing'
    const { partials, roots, running } = this.#parts
    const root = rootText(record.root)
    const committing = running.run(() => repairStaged(this.#parts, this.blocks).then(() => roots.run(root, async () => {
      const stored = await this.#store(root, record, options)
      // Before the bundle can be removed again.
      const partial = partials.listed(root)
      await settleStaged(this.#parts, this.blocks)
      await this.#end()
      return { bundle: stored.bundle, partial }
    }, options)))
    this.#committing = committing
    try {
      const { bundle, partial } = await committing
      await partial?.forget()
      return bundle
    } finally {
      // What is missing may still be put.
      if (!this.#hasEnded()) this.#state = 'open'
    }
  }

  async discard (): Promise<void> {
    if (this.#state === 'committing') await this.#committing.catch(() => { /* The caller of commit is told. */ })
    await this.#end()
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    await this.discard()
  }

  #store (root: string, record: NewBundle, options: AbortOptions): ReturnType<typeof commitBundle> {
    const listed = this.#parts.records.get(root)
    return listed === undefined ? commitBundle(this.#parts, this.blocks, record, options)
      : repairBundle(this.#parts, this.blocks, listed, options)
  }

  async #end (): Promise<void> {
    this.#state = 'ended'
    await this.blocks.end()
    this.#onEnd()
  }

  #assertOpen (): void {
    this.#parts.running.assertOpen()
    if (this.#state !== 'open') throw new InvalidArgumentError('A staging area takes nothing after commit or discard')
  }

  #hasEnded (): boolean {
    return this.#state === 'ended'
  }
}

function checkBlock (cid: CID, bytes: Uint8Array): void {
  checkBlockCid(cid)
  if (bytes.byteLength <= blockBytesMax) return
  throw new LimitExceededError(`Block ${cid.toString()} has ${bytes.byteLength} bytes; at most ${blockBytesMax} are taken`,
    { limit: 'blockBytesMax', max: blockBytesMax, actual: bytes.byteLength, cid: cid.toString() })
}
