import type { CID } from 'multiformats/cid'
import { CorruptBlockError } from '../errors.ts'
import { forEachConcurrent } from '../format/concurrent.ts'
import { joinSaid } from '../format/said-of-root.ts'
import { KeyedSlots, Slots } from '../format/slots.ts'
import { untilAborted } from '../format/until-aborted.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader, FoundBlocks, NewBundle, StoredBundle } from '../interface/store.ts'
import type { SaidOfRoot } from '../interface/statement.ts'
import { readConcurrency } from '../limits.ts'
import { blockKey } from './block-key.ts'
import { BundleReader } from './bundle-reader.ts'
import type { PartialMarks } from './partial-marks.ts'
import type { PartialNote } from './partial-note.ts'
import { rootText } from './paths.ts'
import type { LeftBlock } from './read-partial.ts'
import type { SpaceAmount } from './space-request.ts'
import { StagingArea } from './staging-area.ts'
import { notStored } from './stored-blocks.ts'
import type { StoreParts } from './store-parts.ts'

/** What a partial bundle is made with. */
export interface SharedPartialInit {
  parts: StoreParts
  marks: Pick<PartialMarks, 'own' | 'place' | 'remove'>
  root: CID
  /** Called when it is of no use any more, before anything of it goes. */
  onForget: (partial: SharedPartial) => void
}

/** Blocks of one bundle that is not whole yet, for all who fetch or read it at the same time, and afterwards on disk. */
export class SharedPartial {
  readonly root: string
  readonly #parts: StoreParts
  readonly #marks: SharedPartialInit['marks']
  readonly #onForget: (partial: SharedPartial) => void
  readonly #staging: StagingArea
  /** The bundle once it is stored. */
  readonly #bundle: BlockReader
  /** Blocks of an earlier process that were not hashed in this one. */
  readonly #unchecked = new Map<string, CID>()
  readonly #checks = new KeyedSlots()
  readonly #users = new Set<object>()
  readonly #commits = new Slots(1)
  #isUnwanted = false
  #usedAt: number
  #said: SaidOfRoot | undefined
  #resting: Promise<void> | undefined
  #committing: Promise<void> | undefined
  #kept: Disposable | undefined
  #isStored = false

  constructor ({ parts, marks, root, onForget }: SharedPartialInit) {
    this.root = rootText(root)
    this.#parts = parts
    this.#marks = marks
    this.#onForget = onForget
    this.#bundle = new BundleReader(parts, this.root)
    this.#usedAt = parts.clock()
    this.#staging = new StagingArea(parts, {
      mark: { place: () => marks.place(this.root, this, this.#said), remove: () => marks.remove(this.root, this) }
    })
  }

  /** Milliseconds since 1970. */
  get usedAt (): number {
    return this.#usedAt
  }

  /** Bytes of the blocks that have files of their own. */
  get bytes (): number {
    return this.#staging.blocks.inFiles.bytes
  }

  /** What providers said of it. */
  get said (): SaidOfRoot | undefined {
    return this.#said
  }

  /** True while somebody has to do with it. */
  get isInUse (): boolean {
    return this.#users.size > 0 || this.#resting !== undefined
  }

  /** Takes what an earlier process left. */
  restore (blocks: readonly LeftBlock[], { usedAt, said }: Pick<PartialNote, 'usedAt' | 'said'>): void {
    for (const { cid, key, length, isChecked } of blocks) {
      this.#staging.blocks.restore(cid, length)
      if (isChecked) this.#parts.blockFiles.trust(cid)
      else this.#unchecked.set(key, cid)
    }
    this.#marks.own(this.root, this)
    this.#usedAt = usedAt
    this.#said = said
  }

  enter (user: object): void {
    this.#users.add(user)
    this.#staging.blocks.forgive()
  }

  /** Resolves when nothing is to be done any more. Never rejects. */
  async leave (user: object, { isWanted }: { isWanted: boolean }): Promise<void> {
    if (!this.#users.delete(user)) return
    if (!isWanted) this.#isUnwanted = true
    if (this.#users.size > 0) return
    this.#usedAt = this.#parts.clock()
    if (this.#isStored) this.#release()
    else if (this.#isUnwanted || this.#parts.records.has(this.root)) await this.forget()
    else await this.#rest()
  }

  /** What is said now goes first: what was said before may be what crowds it out. */
  note (said: SaidOfRoot): void {
    this.#said = joinSaid(said, this.#said)
  }

  expect (bytes: number): void {
    this.#staging.expect(bytes)
  }

  /** What is put when the bundle is stored belongs to it already. */
  put (cid: CID, bytes: Uint8Array, options: AbortOptions): Promise<void> | undefined {
    // There is seldom anything to wait for, and many blocks come at once.
    const first = this.#unchecked.size > 0 && this.#unchecked.has(blockKey(cid)) ? this.#check(cid, options) : this.#underWay()
    if (first !== undefined) return untilAborted<unknown>(first, options.signal).then(() => this.put(cid, bytes, options))
    if (this.#hasBundle()) return undefined
    return this.#staging.put(cid, bytes, options)?.catch((error: unknown) => { if (!this.#hasBundle()) throw error })
  }

  async get (cid: CID, options: AbortOptions): Promise<Uint8Array> {
    if (!await this.#check(cid, options)) throw notStored(cid)
    return this.#unlessStored(() => this.#staging.get(cid, options), () => this.#bundle.get(cid, options))
  }

  async has (cid: CID, options: AbortOptions): Promise<boolean> {
    await this.#check(cid, options)
    return this.#unlessStored(() => this.#staging.has(cid, options), () => this.#bundle.has(cid, options))
  }

  /** What there is, once all of it was hashed in this process. */
  async found (options: AbortOptions): Promise<FoundBlocks> {
    const { signal } = options
    if (this.#resting !== undefined) await untilAborted(this.#resting, signal)
    await forEachConcurrent([...this.#unchecked.values()], readConcurrency, async cid => {
      this.#parts.running.assertOpen()
      await this.#check(cid, options)
    })
    signal?.throwIfAborted()
    return this.#staging.blocks.all
  }

  /** One at a time: whoever comes second is given what the first one stored. */
  commit (record: NewBundle, options: AbortOptions): Promise<StoredBundle> {
    return this.#commits.run(async () => {
      const stored = this.#isStored ? this.#parts.records.get(this.root) : undefined
      if (stored !== undefined) return stored.bundle
      const committing = this.found(options).then(() => this.#staging.commit(record, options))
      this.#committing = committing.then(() => {}, () => { /* Whoever commits is told. */ })
      try {
        return await committing
      } finally {
        this.#committing = undefined
      }
    }, options)
  }

  /** Says that the bundle is stored: from here on its users read that. */
  listed (): void {
    this.#isStored = true
    if (this.#users.size > 0) this.#kept = this.#parts.keeps.keep(this.root)
  }

  /** Removes what belongs to no bundle, and says what is gone. Never rejects. */
  async forget (): Promise<SpaceAmount> {
    this.#onForget(this)
    await this.#resting
    await this.#staging.discard()
    return this.#staging.blocks.end()
  }

  /** Ends for all of its users. */
  async close (): Promise<void> {
    for (const user of [...this.#users]) await this.leave(user, { isWanted: true })
    await this.#resting
  }

  /** Keeps what is on disk for those who come later. */
  async #rest (): Promise<void> {
    const isResting = this.#parts.running.follow(async () => {
      await this.#staging.blocks.rest()
      if (this.#staging.blocks.inFiles.blocks > 0) await this.#marks.place(this.root, this, this.#said)
    }).catch((error: unknown) => {
      this.#parts.log(`it is not noted when ${this.root} was fetched last: ${String(error)}`)
    })
    this.#resting = isResting
    await isResting
    this.#resting = undefined
    if (!this.isInUse && this.#staging.blocks.inFiles.blocks === 0) await this.forget()
  }

  #release (): void {
    this.#kept?.[Symbol.dispose]()
    this.#kept = undefined
    // Whoever read while the bundle was stored may have looked beside it.
    this.#staging.blocks.homes.release()
  }

  /** True when the bundle is stored. */
  #hasBundle (): boolean {
    return this.#isStored
  }

  #underWay (): Promise<void> | undefined {
    return this.#resting ?? this.#committing
  }

  /** False when a block of an earlier process is not what it should be: then it is not there any more. */
  async #check (cid: CID, { signal }: AbortOptions): Promise<boolean> {
    signal?.throwIfAborted()
    if (this.#resting !== undefined) await untilAborted(this.#resting, signal)
    const key = blockKey(cid)
    if (!this.#unchecked.has(key)) return true
    return this.#checks.run(key, async () => {
      const { blocks } = this.#staging
      const block = blocks.staged(key)
      if (!this.#unchecked.has(key) || block === undefined) return block !== undefined
      try {
        await blocks.get(block.cid)
        this.#parts.blockFiles.trust(block.cid)
      } catch (error) {
        if (!(error instanceof CorruptBlockError)) throw error
      }
      this.#unchecked.delete(key)
      return blocks.staged(key) !== undefined
    }, { signal })
  }

  /** Does what is done before the bundle is stored, or else the other; also when that comes in between. */
  async #unlessStored<T> (before: () => Promise<T>, after: () => Promise<T>): Promise<T> {
    if (this.#hasBundle()) return after()
    try {
      return await before()
    } catch (error) {
      if (!this.#hasBundle()) throw error
      return after()
    }
  }
}
