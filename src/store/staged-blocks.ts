import type { CID } from 'multiformats/cid'
import { CorruptBlockError, InvalidArgumentError } from '../errors.ts'
import { receivedMemory } from '../format/claimed-memory.ts'
import { TransientMap } from '../format/transient-map.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { FoundBlocks } from '../interface/store.ts'
import { packedBlockBytesMax, packedBundleBytesMax, smallBundleBytesMax } from '../limits.ts'
import { blockKey, isStorable } from './block-key.ts'
import { ClaimedFiles } from './claimed-files.ts'
import type { CommitSource } from './commit-bundle.ts'
import { KeptHomes } from './kept-homes.ts'
import type { SpaceAmount } from './space-request.ts'
import { StagedTable } from './staged-table.ts'
import type { StagedBlock } from './staged-table.ts'
import type { StoreParts } from './store-parts.ts'
import type { Mark } from './unlisted-mark.ts'

/**
 * Blocks of one bundle that were put. While they are few they stay in memory; from the first block beyond `smallBundleBytesMax`,
 * or `packedBundleBytesMax` when they are tiny, on all have files of their own.
 */
export class StagedBlocks implements CommitSource {
  /** Blocks of other bundles that this one may be built on. */
  readonly homes: KeptHomes
  readonly files: ClaimedFiles
  readonly #parts: StoreParts
  readonly #mark: Mark
  readonly #blocks = new StagedTable()
  /** Puts and writes under way. */
  readonly #tasks = new TransientMap<Promise<void>, undefined>()
  #bytes = 0
  #inFiles = { blocks: 0, bytes: 0 }
  #isSpilled = false
  #spilling: Promise<void> | undefined
  #failure: { error: unknown } | undefined
  #ending: Promise<SpaceAmount> | undefined

  constructor (parts: StoreParts, mark: Mark) {
    this.homes = new KeptHomes(parts)
    this.files = new ClaimedFiles(parts)
    this.#parts = parts
    this.#mark = mark
  }

  /** All that were put. */
  get all (): FoundBlocks {
    return { blocks: this.#blocks.size, bytes: this.#bytes }
  }

  /** Those that have files of their own. */
  get inFiles (): FoundBlocks {
    return { ...this.#inFiles }
  }

  staged (key: string): StagedBlock | undefined {
    return this.#blocks.get(key)
  }

  put (cid: CID, bytes: Uint8Array, options: AbortOptions = {}): Promise<void> | undefined {
    if (this.#blocks.has(cid)) return undefined
    const length = bytes.byteLength
    const stays = this.#spilling === undefined && !this.#isSpilled && this.#fitsCar(length)
    // A view would keep all of the buffer that it is cut from.
    const kept = stays && length < bytes.buffer.byteLength ? new Uint8Array(bytes) : bytes
    this.#blocks.set({ cid, length, bytes: kept, place: 'memory' })
    this.#bytes += length
    return stays ? undefined : this.#follow(() => this.#spill(cid, options))
  }

  /** Takes a block that has a file of its own already. */
  restore (cid: CID, length: number): void {
    if (this.#blocks.has(cid)) return
    this.files.claim(cid, length)
    this.#blocks.set({ cid, length, bytes: undefined, place: 'memory' })
    this.#toFile(blockKey(cid))
    this.#bytes += length
    this.#isSpilled = true
  }

  async get (cid: CID, options: AbortOptions = {}): Promise<Uint8Array> {
    options.signal?.throwIfAborted()
    const key = blockKey(cid)
    const block = this.staged(key)
    if (block?.bytes !== undefined) return receivedMemory.show(block.bytes)
    if (block?.place === 'file') return this.#getFile(key, block, options)
    await this.homes.find([key])
    return this.#parts.blocks.get(cid, options)
  }

  async has (cid: CID, options: AbortOptions = {}): Promise<boolean> {
    options.signal?.throwIfAborted()
    return this.#blocks.has(cid) || (isStorable(cid) && await this.homes.findOne(blockKey(cid)) !== undefined)
  }

  /** Resolves when every block is in memory, in a file or in the store. Rejects with what went wrong. */
  async settle (): Promise<void> {
    await this.#idle()
    if (this.#failure !== undefined) throw this.#failure.error
  }

  /** Whoever comes now tries again what has failed before. */
  forgive (): void {
    if (this.#failure === undefined) return
    this.#failure = undefined
    this.#spilling = undefined
  }

  /** Keeps the blocks that have files of their own, and lets go of all others, also of those that other bundles have. */
  async rest (): Promise<void> {
    await this.#idle()
    this.#blocks.keepFiles()
    this.#bytes = this.#inFiles.bytes
    this.#failure = undefined
    this.#spilling = undefined
    await this.files.release(key => this.staged(key) !== undefined)
    this.homes.release()
  }

  /** Leaves everything where it is: only opening the store again can say whether it is needed. */
  abandon (): void {
    this.files.abandon()
  }

  /** Forgets the blocks, and says what is gone. Never rejects: what cannot be removed now goes with the next open. */
  end (): Promise<SpaceAmount> {
    this.#ending ??= this.#removeUnlisted()
    return this.#ending
  }

  async #getFile (key: string, { cid, length }: StagedBlock, options: AbortOptions): Promise<Uint8Array> {
    try {
      return await this.#parts.blocks.getFile(cid, length, options)
    } catch (error) {
      if (error instanceof CorruptBlockError) await this.#drop(key, cid)
      throw error
    }
  }

  /** Forgets a block that is not what it should be, so that it can be put again. */
  async #drop (key: string, cid: CID): Promise<void> {
    const block = this.#blocks.get(key)
    if (block?.place !== 'file' || this.#ending !== undefined) return
    this.#blocks.delete(key)
    this.#bytes -= block.length
    this.#inFiles = { blocks: this.#inFiles.blocks - 1, bytes: this.#inFiles.bytes - block.length }
    this.#parts.blockFiles.doubt(cid)
    await this.files.release(other => other !== key)
    // A bundle that lists it would give it to whoever builds on that.
    await this.#parts.blocks.examine(cid).catch(() => { /* It is damaged there too, or listed nowhere. */ })
  }

  /** True when one CAR has room for one more block of so many bytes. */
  #fitsCar (length: number): boolean {
    const bytes = this.#bytes + length
    const isPacked = bytes <= (this.#blocks.size + 1) * packedBlockBytesMax
    return bytes <= (isPacked ? packedBundleBytesMax : smallBundleBytesMax)
  }

  async #spill (cid: CID, options: AbortOptions): Promise<void> {
    if (this.#spilling === undefined) {
      this.#spilling = this.#beginSpill(this.#blocks.inMemory())
      await this.#spilling
      return
    }
    try {
      if (this.#failure !== undefined) throw this.#failure.error
      await this.#spilling
      await this.#write(blockKey(cid), options)
    } catch (error) {
      this.#blocks.delete(blockKey(cid))
      throw error
    }
  }

  async #beginSpill (keys: readonly string[]): Promise<void> {
    try {
      await this.#mark.place()
      this.#isSpilled = true
      for (const key of keys) await this.#write(key, {})
    } catch (error) {
      this.#failure ??= { error }
      throw error
    }
  }

  /** Resolves when the write has begun; at most `writeConcurrency` are under way. */
  async #write (key: string, options: AbortOptions): Promise<void> {
    const home = await this.homes.findOne(key)
    const block = this.staged(key)
    const bytes = block?.bytes
    // Its first write may have ended although another one failed.
    if (block?.place !== 'memory' || bytes === undefined) return
    if (home !== undefined) {
      this.#blocks.move(key, 'store')
      return
    }
    const release = await this.#parts.writes.take(options)
    if (this.#ending !== undefined) {
      release()
      throw new InvalidArgumentError('A staging area takes nothing after commit or discard')
    }
    void this.#follow(async () => {
      try {
        await this.files.write(block.cid, bytes)
        this.#toFile(key)
        receivedMemory.free(bytes)
      } catch (error) {
        this.#failure ??= { error }
      } finally {
        release()
      }
    })
  }

  #toFile (key: string): void {
    const block = this.#blocks.get(key)
    if (block === undefined || block.place === 'file') return
    this.#blocks.move(key, 'file')
    this.#inFiles = { blocks: this.#inFiles.blocks + 1, bytes: this.#inFiles.bytes + block.length }
  }

  /** Does work that `settle`, the end and the store's `close` wait for. */
  async #follow (work: () => Promise<void>): Promise<void> {
    const task = this.#parts.running.follow(work)
    this.#tasks.set(task, undefined)
    try {
      await task
    } finally {
      this.#tasks.delete(task)
    }
  }

  async #removeUnlisted (): Promise<SpaceAmount> {
    await this.#idle()
    const gone = await this.files.release()
    try {
      if (!this.files.isLeaking) await this.#mark.remove()
    } catch (error) {
      this.#parts.log(`what says that blocks belong to no bundle stays until the repository is opened again: ${String(error)}`)
    }
    this.homes.release()
    this.#blocks.clear()
    return gone
  }

  async #idle (): Promise<void> {
    while (this.#tasks.size > 0) await Promise.allSettled(this.#tasks.keys())
  }
}
