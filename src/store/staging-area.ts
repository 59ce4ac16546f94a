import type { CID } from 'multiformats/cid'
import { InvalidArgumentError, LimitExceededError } from '../errors.ts'
import { checkBlockCid } from '../format/dag-links.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { NewBundle, Staging, StoredBundle } from '../interface/store.ts'
import { blockBytesMax, packedBlockBytesMax, packedBundleBytesMax, smallBundleBytesMax, writeConcurrency } from '../limits.ts'
import { blockKey, isStorable } from './block-key.ts'
import { commitBundle } from './commit-bundle.ts'
import type { StagedBlock } from './commit-bundle.ts'
import { KeptHomes } from './kept-homes.ts'
import { rootText } from './paths.ts'
import { repairStaged, settleStaged } from './repair-blocks.ts'
import { repairBundle } from './repair-bundle.ts'
import { forEachOf } from './slots.ts'
import type { StoreParts } from './store-parts.ts'

/**
 * Blocks of one bundle on their way. A small bundle stays in memory until it is committed; from the first block beyond
 * `smallBundleBytesMax`, or `packedBundleBytesMax` when its blocks are tiny, on all have files of their own.
 */
export class StagingArea implements Staging {
  /** Blocks of other bundles that this one may be built on. */
  readonly homes: KeptHomes
  readonly #parts: StoreParts
  readonly #onEnd: () => void
  readonly #blocks = new Map<string, StagedBlock>()
  /** Blocks with a claim on a file. */
  readonly #claimed: CID[] = []
  /** Puts and writes under way. */
  readonly #tasks = new Set<Promise<void>>()
  #bytes = 0
  #spilling: Promise<void> | undefined
  /** Tells the next open that there may be files that no record lists. */
  #mark: string | undefined
  #failure: { error: unknown } | undefined
  #state: 'open' | 'committing' | 'ended' = 'open'
  #ending: Promise<void> | undefined
  #committing: Promise<unknown> = Promise.resolve()

  constructor (parts: StoreParts, onEnd: () => void) {
    this.homes = new KeptHomes(parts)
    this.#parts = parts
    this.#onEnd = onEnd
  }

  /** A block that was put. */
  staged (key: string): Readonly<StagedBlock> | undefined {
    return this.#blocks.get(key)
  }

  expect (bytes: number): void {
    this.#parts.space.assertFits(bytes)
  }

  async put (cid: CID, bytes: Uint8Array, options: AbortOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    this.#assertOpen()
    checkBlock(cid, bytes)
    const key = blockKey(cid)
    if (this.#blocks.has(key)) return
    const block: StagedBlock = { cid, length: bytes.byteLength, bytes, place: 'memory' }
    this.#blocks.set(key, block)
    this.#bytes += block.length
    if (this.#spilling === undefined && this.#fitsCar()) {
      // A view would keep all of the buffer that it is cut from.
      if (bytes.byteLength < bytes.buffer.byteLength) block.bytes = new Uint8Array(bytes)
      return
    }
    await this.#follow(() => this.#spill(key, block, options))
  }

  async get (cid: CID, options: AbortOptions = {}): Promise<Uint8Array> {
    options.signal?.throwIfAborted()
    const block = this.#blocks.get(blockKey(cid))
    if (block?.bytes !== undefined) return block.bytes
    if (block?.place === 'file') return this.#parts.blocks.getFile(cid, block.length, options)
    await this.homes.find([blockKey(cid)])
    return this.#parts.blocks.get(cid, options)
  }

  async has (cid: CID, options: AbortOptions = {}): Promise<boolean> {
    options.signal?.throwIfAborted()
    const key = blockKey(cid)
    return this.#blocks.has(key) || (isStorable(cid) && (await this.homes.find([key]))[0] !== undefined)
  }

  async commit (record: NewBundle, options: AbortOptions = {}): Promise<StoredBundle> {
    options.signal?.throwIfAborted()
    this.#assertOpen()
    this.#state = 'committing'
    const { running, roots, records } = this.#parts
    const root = rootText(record.root)
    const committing = running.run(() => repairStaged(this.#parts, this).then(() => roots.run(root, async () => {
      const listed = records.get(root)
      const stored = await (listed === undefined ? commitBundle(this.#parts, this, record, options)
        : repairBundle(this.#parts, this, listed, options))
      await settleStaged(this.#parts, this)
      await this.#end()
      return stored.bundle
    }, options)))
    this.#committing = committing
    try {
      return await committing
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

  /** Resolves when every block is in memory, in a file or in the store. */
  async settle (): Promise<void> {
    while (this.#tasks.size > 0) await Promise.allSettled(this.#tasks)
    if (this.#failure !== undefined) throw this.#failure.error
  }

  /** Leaves everything where it is: only opening the store again can say whether it is needed. */
  abandon (): void {
    this.#claimed.length = 0
    this.#mark = undefined
  }

  #fitsCar (): boolean {
    const isPacked = this.#bytes <= this.#blocks.size * packedBlockBytesMax
    return this.#bytes <= (isPacked ? packedBundleBytesMax : smallBundleBytesMax)
  }

  async #spill (key: string, block: StagedBlock, options: AbortOptions): Promise<void> {
    if (this.#spilling === undefined) {
      const all = [...this.#blocks.values()]
      this.#spilling = this.#beginSpill(all)
      await this.#spilling
      return
    }
    try {
      if (this.#failure !== undefined) throw this.#failure.error
      await this.#spilling
      await this.#write(key, block, options)
    } catch (error) {
      this.#blocks.delete(key)
      throw error
    }
  }

  async #beginSpill (blocks: readonly StagedBlock[]): Promise<void> {
    const { fileSystem, paths } = this.#parts
    try {
      this.#mark = paths.newMark()
      await fileSystem.writeFile(this.#mark, [], { sync: true })
      await fileSystem.syncDirectory(paths.temp)
      for (const block of blocks) await this.#write(blockKey(block.cid), block, {})
    } catch (error) {
      this.#failure ??= { error }
      throw error
    }
  }

  /** Resolves when the write has begun; at most `writeConcurrency` are under way. */
  async #write (key: string, block: StagedBlock, options: AbortOptions): Promise<void> {
    const { bytes, cid } = block
    const [home] = await this.homes.find([key])
    if (bytes === undefined || home !== undefined) {
      block.place = 'store'
      block.bytes = undefined
      return
    }
    const release = await this.#parts.writes.take(options)
    if (this.#hasEnded()) {
      release()
      throw endedError()
    }
    this.#claimed.push(cid)
    void this.#follow(async () => {
      try {
        await this.#parts.blockFiles.write(cid, bytes)
        block.place = 'file'
        block.bytes = undefined
      } catch (error) {
        this.#failure ??= { error }
      } finally {
        release()
      }
    })
  }

  /** Does work that `settle`, the end and the store's `close` wait for. */
  async #follow (work: () => Promise<void>): Promise<void> {
    const task = this.#parts.running.follow(work)
    this.#tasks.add(task)
    try {
      await task
    } finally {
      this.#tasks.delete(task)
    }
  }

  /** Never rejects: what it cannot remove is removed when the repository is opened again. */
  #end (): Promise<void> {
    this.#state = 'ended'
    this.#ending ??= this.#removeUnlisted()
    return this.#ending
  }

  async #removeUnlisted (): Promise<void> {
    const { blockFiles, fileSystem, index, log } = this.#parts
    try {
      while (this.#tasks.size > 0) await Promise.allSettled(this.#tasks)
      await forEachOf(this.#claimed, writeConcurrency, cid => blockFiles.release(cid, () => index.hasFile(blockKey(cid))))
      if (this.#mark !== undefined) await fileSystem.remove(this.#mark)
    } catch (error) {
      log(`blocks of no bundle stay until the repository is opened again: ${String(error)}`)
    } finally {
      this.homes.release()
      this.#blocks.clear()
      this.#onEnd()
    }
  }

  #assertOpen (): void {
    this.#parts.running.assertOpen()
    if (this.#state !== 'open') throw endedError()
  }

  #hasEnded (): boolean {
    return this.#state === 'ended'
  }
}

function endedError (): InvalidArgumentError {
  return new InvalidArgumentError('A staging area takes nothing after commit or discard')
}

function checkBlock (cid: CID, bytes: Uint8Array): void {
  checkBlockCid(cid)
  if (bytes.byteLength <= blockBytesMax) return
  throw new LimitExceededError(`Block ${cid.toString()} has ${bytes.byteLength} bytes; at most ${blockBytesMax} are taken`,
    { limit: 'blockBytesMax', max: blockBytesMax, actual: bytes.byteLength, cid: cid.toString() })
}
