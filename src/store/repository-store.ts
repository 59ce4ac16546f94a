import type { CID } from 'multiformats/cid'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader, RecordChange, Staging, Store, StoredBundle } from '../interface/store.ts'
import { stopTimeoutMs } from '../limits.ts'
import { rootText } from './paths.ts'
import { PublicBlocks } from './public-blocks.ts'
import { StagingArea } from './staging-area.ts'
import type { StoreParts } from './store-parts.ts'
import { updateRecord } from './update-record.ts'

/** What an open store is made of. */
export interface RepositoryStoreInit {
  parts: StoreParts
  path: string
  /** Gives the repository back to this process. */
  unlock: () => void
}

/** A store over an open repository. */
export class RepositoryStore implements Store {
  readonly path: string
  /** 16 random bytes as hexadecimal: another disk is another repository. */
  readonly repositoryId: string
  readonly publicBlocks: BlockReader
  readonly #parts: StoreParts
  readonly #unlock: () => void
  readonly #staging = new Set<StagingArea>()
  #closed: Promise<void> | undefined

  constructor ({ parts, path, unlock }: RepositoryStoreInit) {
    this.path = path
    this.repositoryId = parts.repositoryId
    this.publicBlocks = this.#whileOpen(new PublicBlocks(parts), parts)
    this.#parts = parts
    this.#unlock = unlock
  }

  async get (cid: CID, options: AbortOptions = {}): Promise<Uint8Array> {
    return this.#parts.running.run(() => this.#parts.blocks.get(cid, options))
  }

  async has (cid: CID, options: AbortOptions = {}): Promise<boolean> {
    return this.#parts.running.run(() => this.#parts.blocks.has(cid, options))
  }

  stage (): Staging {
    this.#parts.running.assertOpen()
    const staging = new StagingArea(this.#parts, () => {
      this.#staging.delete(staging)
    })
    this.#staging.add(staging)
    return staging
  }

  record (root: CID): StoredBundle | undefined {
    return this.#parts.records.get(rootText(root))?.bundle
  }

  *records (): Generator<StoredBundle> {
    for (const { bundle } of this.#parts.records.values()) yield bundle
  }

  async update (root: CID, change: RecordChange): Promise<StoredBundle> {
    return this.#parts.running.run(() => updateRecord(this.#parts, root, change))
  }

  usage (): { bytes: number, heldBytes: number } {
    return this.#parts.index.usage
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
    const { fileSystem, index, paths } = this.#parts
    try {
      await Promise.allSettled([...this.#staging].map(staging => staging.discard()))
      await fileSystem.remove(paths.lock).catch(() => { /* It is only read when somebody holds the repository. */ })
      await index.close()
    } finally {
      this.#unlock()
    }
  }

  #whileOpen (reader: BlockReader, { running }: StoreParts): BlockReader {
    return {
      get: (cid, options) => running.run(() => reader.get(cid, options)),
      has: (cid, options) => running.run(() => reader.has(cid, options))
    }
  }
}
