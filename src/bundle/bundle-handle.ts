import { StoppedError } from '../errors.ts'
import { checkOptions } from '../format/argument.ts'
import { digestOf } from '../format/digest.ts'
import { formatTicket, formatUrn } from '../format/reference.ts'
import { entriesMaxOf } from './check-bundle.ts'
import { checkSetReaders, checkWiden } from './check-widening.ts'
import { exportCar } from './export-car.ts'
import { blocksOf, readBytes, readFile } from './file.ts'
import { below } from './dag-reader.ts'
import { checkFetchOptions } from './fetch-options.ts'
import { checkReaders } from './readers.ts'
import { saveTree } from './save.ts'
import { notFound, resolvePath, walkTree } from './tree.ts'
import type { BundleHome } from './bundle-home.ts'
import type { DagReader } from './dag-reader.ts'
import type { OpenTree, TreeEntry, TreeFile } from './tree.ts'
import type { Bundle, BundleEntry, CompleteOptions, ExportCarOptions, Readers, ReadOptions, SaveOptions, SetReadersOptions, SignedStatement } from '../interface/bundle.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { Logger } from '../interface/data-node.ts'
import type { Manifest } from '../interface/manifest.ts'
import type { Identity, Network } from '../interface/network.ts'
import type { AbortOptions, Digest } from '../interface/primitives.ts'
import type { Access } from '../interface/statement.ts'
import type { FileBlock } from '../interface/table.ts'
import type { TableReader } from '../interface/table-reader.ts'
import type { Store } from '../interface/store.ts'
import type { Transfer } from '../interface/transfer.ts'
import type { CID } from 'multiformats/cid'

/** What handles need from the node. */
export interface HandleComponents {
  store: Store
  identity: Pick<Identity, 'address'>
  network: Pick<Network, 'multiaddrs' | 'routerPeers'>
  /** Brings damaged blocks again, and asks routers to hold a result. */
  transfer: Pick<Transfer, 'fetchDag' | 'confirm'>
  log?: Logger
  /** Reads tables of datasets. */
  tables: TableReader
  random: (bytes: number) => Uint8Array
}

/** What a handle is made of. */
export interface HandleInit<M extends Manifest | undefined = Manifest | undefined> {
  components: HandleComponents
  home: BundleHome
  cid: CID
  root: TreeEntry
  manifest: M
}

/** How what a handle gives without waiting is read. */
export interface OpeningOptions extends AbortOptions {
  /** That of the home when absent. */
  reader?: DagReader | undefined
}

/** Handles that their host lost without closing them: what they keep must not stay for ever. */
const lost = new FinalizationRegistry<BundleHome>(home => { void home.close() })

/**
 * What a handle reads from, for those that go through two bundles side by side. Valid while it is open.
 *
 * @throws {@link StoppedError} when it is closed
 */
export function treeOf (bundle: Bundle, options: AbortOptions = {}): OpenTree & { signal: AbortSignal } {
  if (!(bundle instanceof BundleHandle)) throw new TypeError('It is no handle of this library')
  return bundle.tree(options)
}

/** A handle on one bundle of any kind. Calls after `close()`, and those that it cuts off, reject with a {@link StoppedError}. */
export class BundleHandle<M extends Manifest | undefined = Manifest | undefined> implements Bundle<M> {
  readonly cid: CID
  readonly digest: Digest
  readonly urn: string
  readonly manifest: M
  protected readonly home: BundleHome
  readonly #components: HandleComponents
  readonly #root: TreeEntry
  readonly #closed = new AbortController()

  constructor ({ components, home, cid, root, manifest }: HandleInit<M>) {
    this.cid = cid
    this.digest = digestOf(cid)
    this.urn = formatUrn(cid)
    this.manifest = manifest
    this.home = home
    this.#components = components
    this.#root = root
    lost.register(this, home, this)
  }

  get ticket (): string {
    return formatTicket(this.cid, this.#components.network.multiaddrs)
  }

  get access (): Access {
    return this.home.facts().access
  }

  get statements (): readonly SignedStatement[] {
    return this.home.facts().statements
  }

  get delegations (): readonly SignedDelegation[] {
    return this.home.facts().delegations
  }

  get bytesFetched (): number {
    return this.home.bytesFetched()
  }

  async * files (path = '', options: AbortOptions = {}): AsyncGenerator<BundleEntry> {
    const { reader } = this.home
    const limits = { signal: this.signal(options), entriesMax: entriesMaxOf(this.manifest) }
    const start = await resolvePath(reader, this.#root, path, limits)
    await reader.prepare?.(below(start, 'inner'), limits)
    for await (const entry of start.type === 'file' ? [start] : walkTree(reader, start, limits)) {
      const { path, type, cid } = entry
      yield { path, type, cid, size: entry.type === 'file' ? BigInt(entry.size) : 0n }
    }
  }

  async bytes (path: string, options: ReadOptions & { bytesMax?: number } = {}): Promise<Uint8Array<ArrayBuffer>> {
    const own = { ...options, signal: this.signal(options) }
    return readBytes(this.home.reader, await this.#file(path, own), own)
  }

  async * stream (path: string, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    const own = { ...options, signal: this.signal(options) }
    yield * readFile(this.home.reader, await this.#file(path, own), own)
  }

  /** The blocks of a file, or of a part of it, as {@link blocksOf} has them. */
  protected async * blocks (path: string, options: ReadOptions = {}): AsyncGenerator<FileBlock> {
    const own = { ...options, signal: this.signal(options) }
    yield * blocksOf(this.home.reader, await this.#file(path, own), own)
  }

  async saveTo (directory: string, options: SaveOptions = {}): Promise<void> {
    const { reader } = this.home
    const own = { ...options, signal: this.signal(options) }
    await reader.prepare?.(below(this.#root, 'all'), own)
    const { random } = this.#components
    await saveTree(reader, this.#root, directory, { ...own, random, entriesMax: entriesMaxOf(this.manifest) })
  }

  async * exportCar (options: ExportCarOptions = {}): AsyncGenerator<Uint8Array> {
    const { reader } = this.home
    const signal = this.signal(options)
    await reader.prepare?.(below(this.#root, 'all'), { signal })
    const bytesTotal = this.#components.store.record(this.cid)?.bytes
    yield * exportCar(reader, this.cid, { signal, bytesTotal, onProgress: options.onProgress })
  }

  /** See {@link treeOf}. */
  tree (options: AbortOptions = {}): OpenTree & { signal: AbortSignal } {
    return { reader: this.home.reader, root: this.#root, signal: this.signal(options) }
  }

  async setReaders (readers: Readers, options: SetReadersOptions = {}): Promise<void> {
    this.#closed.signal.throwIfAborted()
    const checked = checkReaders(readers)
    const widen = checkWiden(options)
    const { identity, store } = this.#components
    await checkSetReaders({ store, own: identity.address }, { root: this.cid, readers: checked, widen })
    await this.home.update({ readers: checked })
  }

  async complete (options: CompleteOptions = {}): Promise<void> {
    checkFetchOptions(options)
    await this.home.complete({ ...options, signal: this.signal(options) })
  }

  async close (): Promise<void> {
    if (this.#closed.signal.aborted) return
    this.#closed.abort(new StoppedError(`The handle on ${this.urn} was closed`))
    lost.unregister(this)
    await this.home.close()
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    await this.close()
  }

  /** Aborted by the caller, or when the handle is closed. */
  protected signal (options: AbortOptions): AbortSignal {
    checkOptions(options)
    const { signal } = options
    const own = signal === undefined ? this.#closed.signal : AbortSignal.any([this.#closed.signal, signal])
    own.throwIfAborted()
    return own
  }

  async #file (path: string, options: AbortOptions): Promise<TreeFile> {
    const { reader } = this.home
    const entry = await resolvePath(reader, this.#root, path, options)
    if (entry.type !== 'file') throw notFound(path, 'is a directory')
    return entry
  }
}
