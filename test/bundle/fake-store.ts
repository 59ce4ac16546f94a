import type { CID } from 'multiformats/cid'
import { NotStoredError } from '../../src/errors.ts'
import { linksOf } from '../../src/format/dag-links.ts'
import { memoryFiles } from '../audit/memory-files.ts'
import { isKept } from '../../src/store/holds.ts'
import type { AbortOptions } from '../../src/interface/primitives.ts'
import type {
  BlockReader, Collected, CollectOptions, DurableFiles, FoundBlocks, NewBundle, PartialBundle, RecordChange, Staging, Store, StoredBundle, StoreUsage
} from '../../src/interface/store.ts'
import type { SaidOfRoot } from '../../src/interface/statement.ts'
import type { VerifyReport } from '../../src/interface/verify.ts'

type Blocks = Map<string, Uint8Array>

/** A store over maps that keeps the promises of the contract and counts what is asked of it. */
export class FakeStore implements Store {
  readonly path = ':memory:'
  readonly repositoryId: string = '00'.repeat(16)
  readonly auditFiles: DurableFiles = memoryFiles()
  readonly appendFiles: DurableFiles = memoryFiles()
  readonly blocks: Blocks = new Map()
  readonly bundles: Map<string, StoredBundle> = new Map<string, StoredBundle>()
  readonly publicBlocks: BlockReader = this
  /** Staging areas that were neither committed nor discarded. */
  open = 0
  /** What was kept and not disposed of, by root. */
  readonly keeps: Map<string, number> = new Map<string, number>()
  /** Roots of bundles that have damaged blocks. */
  readonly damaged: Set<string> = new Set<string>()
  /** Blocks of bundles that are not whole yet, by root; whatever their size they stay when the last user suspends. */
  readonly partials: Map<string, FakeShared> = new Map<string, FakeShared>()
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

  reader (): BlockReader {
    return this
  }

  stage (): Staging {
    this.open++
    return new FakeStaging(this)
  }

  partial (root: CID): PartialBundle {
    this.open++
    const shared = this.partials.get(keyOf(root)) ?? { blocks: new Map(), users: 0, isUnwanted: false }
    this.partials.set(keyOf(root), shared)
    return new FakePartial(this, root, shared)
  }

  record (root: CID): StoredBundle | undefined {
    return this.bundles.get(keyOf(root))
  }

  records (): Iterable<StoredBundle> {
    return this.bundles.values()
  }

  async update (root: CID, change: RecordChange | ((stored: StoredBundle) => RecordChange)): Promise<StoredBundle> {
    const stored = this.record(root)
    if (stored === undefined) throw new NotStoredError(`${root.toString()} is not stored`)
    const changes = typeof change === 'function' ? change(stored) : change
    const updated = { ...stored, ...changes }
    if (changes.readers !== undefined) delete updated.readersLost
    this.bundles.set(keyOf(root), updated)
    return updated
  }

  async owners (cid: CID): Promise<CID[]> {
    const owners: CID[] = []
    for (const { root } of this.bundles.values()) if ((await this.#reached([{ root }])).has(keyOf(cid))) owners.push(root)
    return owners
  }

  async linkedRoots (root: CID): Promise<CID[]> {
    const reached = await this.#reached([{ root }])
    return [...this.bundles.values()].filter(other => !other.root.equals(root) && reached.has(keyOf(other.root))).map(other => other.root)
  }

  usage (): StoreUsage {
    const bundles = [...this.bundles.values()]
    const share = (of: StoredBundle[]): StoreUsage['held'] =>
      ({ bundles: of.length, bytes: of.reduce((sum, { bytes }) => sum + bytes, 0), files: of.length })
    return {
      isFull: false,
      fileSystem: 'memory',
      held: share(bundles.filter(stored => isKept(stored, Date.now()))),
      cached: share(bundles.filter(stored => !isKept(stored, Date.now()))),
      used: { bytes: bytesOf(this.blocks.values()), files: this.blocks.size },
      reservedBytes: 0,
      limit: { bytes: 1e9, files: 1e6 },
      partialBytes: [...this.partials.values()].reduce((sum, { blocks }) => sum + bytesOf(blocks.values()), 0),
      damagedBlocks: this.damaged.size
    }
  }

  keep (root: CID): Disposable {
    const key = keyOf(root)
    if (this.record(root) === undefined) throw new NotStoredError(`${key} is not stored`)
    this.keeps.set(key, (this.keeps.get(key) ?? 0) + 1)
    let isDisposed = false
    return {
      [Symbol.dispose]: () => {
        if (!isDisposed) this.keeps.set(key, (this.keeps.get(key) ?? 0) - 1)
        isDisposed = true
      }
    }
  }

  /** How often a bundle is kept now. */
  keepsOf (root: CID): number {
    return this.keeps.get(keyOf(root)) ?? 0
  }

  async ownBytes (root: CID): Promise<number> {
    const shared = await this.#reached([...this.bundles.values()].filter(stored => !stored.root.equals(root)))
    const own = [...await this.#reached([{ root }])].filter(([key]) => !shared.has(key))
    return bytesOf(own.map(([, bytes]) => bytes))
  }

  async collect ({ bytes: wanted = Infinity }: CollectOptions = {}): Promise<Collected> {
    const collected = { bundles: 0, bytes: 0, files: 0 }
    for (const [key, stored] of this.bundles) {
      if (collected.bytes >= wanted || isKept(stored, Date.now()) || this.keepsOf(stored.root) > 0) continue
      this.bundles.delete(key)
      const left = await this.#reached(this.bundles.values())
      const gone = [...this.blocks].filter(([block]) => !left.has(block))
      for (const [block] of gone) this.blocks.delete(block)
      collected.bundles++
      collected.bytes += bytesOf(gone.map(([, bytes]) => bytes))
      collected.files += gone.length
    }
    return collected
  }

  async verify (root: CID | undefined): Promise<VerifyReport> {
    const bundles = root === undefined ? [...this.bundles.values()] : [this.record(root)].filter(stored => stored !== undefined)
    if (bundles.length === 0 && root !== undefined) throw new NotStoredError(`${root.toString()} is not stored`)
    const blocks = await this.#reached(bundles)
    return { bundles: bundles.length, blocks: blocks.size, bytes: bytesOf(blocks.values()), damaged: [] }
  }

  isDamaged (root: CID): boolean {
    return this.damaged.has(keyOf(root))
  }

  async close (): Promise<void> {
    this.blocks.clear()
  }

  async #reached (bundles: Iterable<{ root: CID }>): Promise<Blocks> {
    const found: Blocks = new Map()
    for (const waiting = Array.from(bundles, ({ root }) => root); waiting.length > 0;) {
      const cid = waiting.pop() as CID
      const bytes = this.blocks.get(keyOf(cid))
      if (bytes === undefined || found.has(keyOf(cid))) continue
      found.set(keyOf(cid), bytes)
      waiting.push(...linksOf(cid, bytes))
    }
    return found
  }
}

/** What the users of a partial bundle share. */
interface FakeShared {
  blocks: Blocks
  users: number
  isUnwanted: boolean
  said?: SaidOfRoot
}

class FakeStaging implements Staging {
  readonly #store: FakeStore
  readonly #blocks: Blocks
  #ended = false

  constructor (store: FakeStore, blocks: Blocks = new Map()) {
    this.#store = store
    this.#blocks = blocks
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

  async commit (record: NewBundle): Promise<StoredBundle> {
    const known = this.#store.record(record.root)
    this.#store.damaged.delete(keyOf(record.root))
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
    const statements = typeof record.statements === 'function' ? await record.statements() : record.statements
    const stored = { ...record, statements, bytes, blocks: found.size }
    this.#store.bundles.set(keyOf(record.root), stored)
    this.#store.partials.delete(keyOf(record.root))
    this.end()
    return stored
  }

  async discard (): Promise<void> {
    this.end()
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    await this.discard()
  }

  protected end (): void {
    if (!this.#ended) this.#store.open--
    this.#ended = true
    this.#blocks.clear()
  }
}

class FakePartial extends FakeStaging implements PartialBundle {
  readonly #store: FakeStore
  readonly #root: CID
  readonly #shared: FakeShared
  #isDone = false

  constructor (store: FakeStore, root: CID, shared: FakeShared) {
    super(store, shared.blocks)
    this.#store = store
    this.#root = root
    this.#shared = shared
    shared.users++
  }

  async found (): Promise<FoundBlocks> {
    return { blocks: this.#shared.blocks.size, bytes: bytesOf(this.#shared.blocks.values()) }
  }

  get said (): SaidOfRoot | undefined {
    return this.#shared.said
  }

  note (said: SaidOfRoot): void {
    this.#shared.said = said
  }

  async suspend (): Promise<void> {
    this.#leave()
  }

  override async discard (): Promise<void> {
    if (!this.#isDone) this.#shared.isUnwanted = true
    this.#leave()
  }

  override async [Symbol.asyncDispose] (): Promise<void> {
    this.#leave()
  }

  /** Users that are left read what is stored. */
  protected override end (): void {
    this.#shared.blocks.clear()
  }

  #leave (): void {
    if (this.#isDone) return
    this.#isDone = true
    this.#store.open--
    const { blocks, isUnwanted } = this.#shared
    if (--this.#shared.users > 0) return
    if (isUnwanted || blocks.size === 0) this.#store.partials.delete(keyOf(this.#root))
  }
}

function bytesOf (blocks: Iterable<Uint8Array>): number {
  return Array.from(blocks).reduce((sum, { byteLength }) => sum + byteLength, 0)
}

function keyOf (cid: CID): string {
  return cid.toV1().toString()
}
