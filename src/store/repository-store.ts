import type { CID } from 'multiformats/cid'
import type { AbortOptions } from '../interface/primitives.ts'
import type {
  BlockReader, CollectOptions, Collected, DurableFiles, PartialBundle, RecordChange, Staging, Store, StoredBundle, StoreUsage
} from '../interface/store.ts'
import type { VerifyBlocksOptions, VerifyReport } from '../interface/verify.ts'
import { stopTimeoutMs } from '../limits.ts'
import { blockKey, isStorable } from './block-key.ts'
import { BundleReader } from './bundle-reader.ts'
import { collect } from './collect.ts'
import { DirectoryFiles } from './directory-files.ts'
import { rootText } from './paths.ts'
import { PublicBlocks } from './public-blocks.ts'
import { StagingArea } from './staging-area.ts'
import { notStored } from './stored-blocks.ts'
import type { StoreParts } from './store-parts.ts'
import type { Upkeep } from './upkeep.ts'
import { updateRecord } from './update-record.ts'
import { usageOf } from './usage.ts'
import { verifyBundles } from './verify-bundles.ts'

/** What an open store is made of. */
export interface RepositoryStoreInit {
  parts: StoreParts
  upkeep: Upkeep
  path: string
  /** Gives the repository back. */
  unlock: () => Promise<void>
}

/** A store over an open repository. */
export class RepositoryStore implements Store {
  readonly path: string
  readonly repositoryId: string
  readonly auditFiles: DurableFiles
  readonly appendFiles: DurableFiles
  readonly publicBlocks: BlockReader
  readonly #parts: StoreParts
  readonly #upkeep: Upkeep
  readonly #unlock: () => Promise<void>
  readonly #staging = new Set<StagingArea>()
  #closed: Promise<void> | undefined

  constructor ({ parts, upkeep, path, unlock }: RepositoryStoreInit) {
    this.path = path
    this.repositoryId = parts.repositoryId
    this.publicBlocks = this.#whileOpen(new PublicBlocks(parts), parts)
    this.auditFiles = new DirectoryFiles({ ...parts, directory: parts.paths.audit })
    this.appendFiles = new DirectoryFiles({ ...parts, directory: parts.paths.appends })
    this.#parts = parts
    this.#upkeep = upkeep
    this.#unlock = unlock
  }

  async get (cid: CID, options: AbortOptions = {}): Promise<Uint8Array> {
    return this.#parts.running.run(() => this.#parts.blocks.get(cid, options))
  }

  async has (cid: CID, options: AbortOptions = {}): Promise<boolean> {
    return this.#parts.running.run(() => this.#parts.blocks.has(cid, options))
  }

  reader (root: CID): BlockReader {
    return this.#whileOpen(new BundleReader(this.#parts, rootText(root)), this.#parts)
  }

  stage (): Staging {
    this.#parts.running.assertOpen()
    const staging = new StagingArea(this.#parts, { onEnd: () => { this.#staging.delete(staging) } })
    this.#staging.add(staging)
    return staging
  }

  partial (root: CID): PartialBundle {
    return this.#parts.partials.take(root)
  }

  record (root: CID): StoredBundle | undefined {
    return this.#parts.records.get(rootText(root))?.bundle
  }

  *records (): Generator<StoredBundle> {
    for (const { bundle } of this.#parts.records.values()) yield bundle
  }

  keep (root: CID): Disposable {
    const { clock, keeps, records, uses } = this.#parts
    const text = rootText(root)
    if (!records.has(text)) throw notStored(root)
    uses.note(text, clock())
    return keeps.keep(text)
  }

  async owners (cid: CID): Promise<CID[]> {
    if (!isStorable(cid)) return []
    const roots = await this.#parts.running.run(() => this.#parts.index.ownersOf(blockKey(cid)))
    return roots.flatMap(root => this.#parts.records.get(root)?.bundle.root ?? [])
  }

  async linkedRoots (root: CID): Promise<CID[]> {
    const others = [...this.records()].filter(other => !other.root.equals(root)).map(other => other.root)
    const homes = await this.#parts.running.run(() => this.#parts.index.placesOf(rootText(root), others.map(blockKey)))
    return others.filter((_, at) => homes[at] !== undefined)
  }

  async ownBytes (root: CID): Promise<number> {
    return this.#parts.running.run(() => this.#parts.index.ownBytesOf(rootText(root)))
  }

  async collect (options: CollectOptions = {}): Promise<Collected> {
    return this.#parts.running.run(() => collect(this.#parts, options))
  }

  async verify (root: CID | undefined, options: VerifyBlocksOptions = {}): Promise<VerifyReport> {
    return this.#parts.running.run(() => verifyBundles(this.#parts, root, options))
  }

  isDamaged (root: CID): boolean {
    return this.#parts.damage.isDamaged(rootText(root))
  }

  async update (root: CID, change: RecordChange | ((stored: StoredBundle) => RecordChange)): Promise<StoredBundle> {
    return this.#parts.running.run(() => updateRecord(this.#parts, root, change))
  }

  usage (): StoreUsage {
    return usageOf(this.#parts, this.#upkeep.lastScrub)
  }

  close (): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close (): Promise<void> {
    const { log, running } = this.#parts
    const hasEnded = await running.close(stopTimeoutMs, () => this.#end())
    if (!hasEnded) log(`the drive does not answer; the repository ${this.path} stays locked until it does`)
  }

  /** Gives the repository back. Not while work of this store can still change a file: the next holder would sweep under it. */
  async #end (): Promise<void> {
    const { index, log, partials } = this.#parts
    try {
      await Promise.allSettled([...this.#staging].map(staging => staging.discard()))
      await partials.close()
      await this.#upkeep.stop().catch((error: unknown) => {
        log(`the next open has to count what the repository takes: ${String(error)}`)
      })
      await index.close()
    } finally {
      await this.#unlock()
    }
  }

  #whileOpen (reader: BlockReader, { running }: StoreParts): BlockReader {
    return {
      get: (cid, options) => running.run(() => reader.get(cid, options)),
      has: (cid, options) => running.run(() => reader.has(cid, options))
    }
  }
}
