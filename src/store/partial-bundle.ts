import type { CID } from 'multiformats/cid'
import { InvalidArgumentError } from '../errors.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { FoundBlocks, NewBundle, PartialBundle, StoredBundle } from '../interface/store.ts'
import type { SaidOfRoot } from '../interface/statement.ts'
import { rootText } from './paths.ts'
import { rejecting } from './rejecting.ts'
import type { RunningWork } from './running-work.ts'
import type { SharedPartial } from './shared-partial.ts'

/** One user's way to the blocks of a bundle that is not whole yet. */
export class PartialHandle implements PartialBundle {
  readonly #running: RunningWork
  readonly #partial: SharedPartial
  /** Calls under way. */
  readonly #calls = new Set<Promise<unknown>>()
  #isDone = false

  constructor (running: RunningWork, partial: SharedPartial) {
    this.#running = running
    this.#partial = partial
    partial.enter(this)
  }

  expect (bytes: number): void {
    this.#partial.expect(bytes)
  }

  put (cid: CID, bytes: Uint8Array, options: AbortOptions = {}): Promise<void> | undefined {
    return rejecting(() => {
      this.#assertUsable()
      this.#running.assertOpen()
      const putting = this.#partial.put(cid, bytes, options)
      return putting === undefined ? undefined : this.#use(() => putting)
    })
  }

  get (cid: CID, options: AbortOptions = {}): Promise<Uint8Array> {
    return this.#use(() => this.#partial.get(cid, options))
  }

  has (cid: CID, options: AbortOptions = {}): Promise<boolean> {
    return this.#use(() => this.#partial.has(cid, options))
  }

  found (options: AbortOptions = {}): Promise<FoundBlocks> {
    return this.#use(() => this.#partial.found(options))
  }

  get said (): SaidOfRoot | undefined {
    return this.#partial.said
  }

  note (said: SaidOfRoot): void {
    this.#partial.note(said)
  }

  commit (record: NewBundle, options: AbortOptions = {}): Promise<StoredBundle> {
    return this.#use(() => {
      const root = rootText(record.root)
      if (root === this.#partial.root) return this.#partial.commit(record, options)
      throw new InvalidArgumentError(`These are blocks of ${this.#partial.root}; they cannot be stored as ${root}`)
    })
  }

  suspend (): Promise<void> {
    return this.#end({ isWanted: true })
  }

  discard (): Promise<void> {
    return this.#end({ isWanted: false })
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    await this.suspend()
  }

  #assertUsable (): void {
    if (this.#isDone) throw new InvalidArgumentError('A partial bundle takes nothing after suspend or discard')
  }

  async #use<T> (work: () => Promise<T>): Promise<T> {
    this.#assertUsable()
    const call = this.#running.run(work)
    this.#calls.add(call)
    try {
      return await call
    } finally {
      this.#calls.delete(call)
    }
  }

  async #end (options: { isWanted: boolean }): Promise<void> {
    this.#isDone = true
    while (this.#calls.size > 0) await Promise.allSettled(this.#calls)
    await this.#partial.leave(this, options)
  }
}
