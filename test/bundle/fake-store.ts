import type { CID } from 'multiformats/cid'
import { NotStoredError } from '../../src/errors.ts'
import { linksOf } from '../../src/format/dag-links.ts'
import type { AbortOptions } from '../../src/interface/primitives.ts'
import type { BlockReader, BundleRecord, RecordChange, Staging, Store, StoredBundle } from '../../src/interface/store.ts'

type Blocks = Map<string, Uint8Array>

/** A store over maps that keeps the promises of the contract and counts what is asked of it. */
export class FakeStore implements Store {
  readonly path = ':memory:'
  readonly blocks: Blocks = new Map()
  readonly bundles: Map<string, StoredBundle> = new Map<string, StoredBundle>()
  readonly publicBlocks: BlockReader = this
  /** Staging areas that were neither committed nor discarded. */
  open = 0
  /** CIDs of every block that was read. */
  readonly reads: string[] = []

  async get (cid: CID, options?: AbortOptions): Promise<Uint8Array> {
    options?.signal?.throwIfAborted()
    this.reads.push(cid.toString())
    const bytes = this.blocks.get(keyOf(cid))
    if (bytes === undefined) throw new NotStoredError(`${cid.toString()} is not stored`)
    return bytes
  }

  async has (cid: CID): Promise<boolean> {
    return this.blocks.has(keyOf(cid))
  }

  stage (): Staging {
    this.open++
    return new FakeStaging(this)
  }

  record (root: CID): StoredBundle | undefined {
    return this.bundles.get(keyOf(root))
  }

  records (): Iterable<StoredBundle> {
    return this.bundles.values()
  }

  async update (root: CID, change: RecordChange): Promise<StoredBundle> {
    const stored = this.record(root)
    if (stored === undefined) throw new NotStoredError(`${root.toString()} is not stored`)
    const updated = { ...stored, ...change }
    this.bundles.set(keyOf(root), updated)
    return updated
  }

  usage (): { bytes: number, heldBytes: number } {
    return { bytes: [...this.blocks.values()].reduce((sum, { byteLength }) => sum + byteLength, 0), heldBytes: 0 }
  }

  async close (): Promise<void> {
    this.blocks.clear()
  }
}

class FakeStaging implements Staging {
  readonly #store: FakeStore
  readonly #blocks: Blocks = new Map()
  #ended = false

  constructor (store: FakeStore) {
    this.#store = store
  }

  async get (cid: CID, options?: AbortOptions): Promise<Uint8Array> {
    options?.signal?.throwIfAborted()
    return this.#blocks.get(keyOf(cid)) ?? this.#store.get(cid, options)
  }

  async has (cid: CID): Promise<boolean> {
    return this.#blocks.has(keyOf(cid)) || this.#store.has(cid)
  }

  async put (cid: CID, bytes: Uint8Array, options?: AbortOptions): Promise<void> {
    options?.signal?.throwIfAborted()
    this.#blocks.set(keyOf(cid), bytes)
  }

  async commit (record: BundleRecord): Promise<StoredBundle> {
    const known = this.#store.record(record.root)
    if (known !== undefined) return known
    const found: Blocks = new Map()
    for (const waiting = [record.root]; waiting.length > 0;) {
      const cid = waiting.pop() as CID
      if (found.has(keyOf(cid))) continue
      const bytes = await this.get(cid)
      found.set(keyOf(cid), bytes)
      waiting.push(...linksOf(cid, bytes))
    }
    const meanwhile = this.#store.record(record.root)
    if (meanwhile !== undefined) return meanwhile
    for (const [key, bytes] of found) this.#store.blocks.set(key, bytes)
    const bytes = [...found.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
    const stored = { ...record, bytes, blocks: found.size }
    this.#store.bundles.set(keyOf(record.root), stored)
    this.#end()
    return stored
  }

  async discard (): Promise<void> {
    this.#end()
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    this.#end()
  }

  #end (): void {
    if (!this.#ended) this.#store.open--
    this.#ended = true
    this.#blocks.clear()
  }
}

function keyOf (cid: CID): string {
  return cid.toV1().toString()
}
