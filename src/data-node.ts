import { createAuditTrail } from './audit/audit-trail.ts'
import { checkHash } from './audit/check-hash.ts'
import { checkExpected, checkResult } from './audit/check-result.ts'
import { evidenceBundleInit } from './audit/evidence.ts'
import { verifyResults } from './audit/verdicts.ts'
import { checkConfirm } from './bundle/confirm-options.ts'
import { expectKind } from './bundle/expect-kind.ts'
import { fetchBundle } from './bundle/fetch.ts'
import { checkFetchOptions } from './bundle/fetch-options.ts'
import { openHandle } from './bundle/handle.ts'
import { holdSelected, isSelector, releaseBundles } from './bundle/hold.ts'
import { checkFilter, describeStored, latestResult, matchesFilter } from './bundle/listing.ts'
import { importCar } from './bundle/import-car.ts'
import { letGo } from './bundle/let-go.ts'
import { openBundle, openStored } from './bundle/open.ts'
import { publishBundle } from './bundle/publish.ts'
import { confirmPublished, resultBundleInit } from './bundle/result.ts'
import { revealStored } from './bundle/reveal-stored.ts'
import { taskBundleInit } from './bundle/task.ts'
import { verifyStored } from './bundle/verify-stored.ts'
import { stopComponents } from './components.ts'
import { createDatasets } from './dataset/datasets.ts'
import { checkNumber, checkObject, checkOptions } from './format/argument.ts'
import { parseReference } from './format/reference.ts'
import { nodeHealth } from './health.ts'
import { Jobs } from './jobs.ts'
import { stopTimeoutMs } from './limits.ts'
import { checkHold } from './store/holds.ts'
import type { KeptBundle } from './bundle/kept-bundle.ts'
import type { BundleInit, PublishBundleOptions } from './bundle/publish.ts'
import type { Components } from './components.ts'
import type { AuditTrail } from './interface/audit.ts'
import type { Bundle, EvidenceBundle, ExportCarOptions, Readers, ResultBundle, TaskBundle } from './interface/bundle.ts'
import type {
  BundleInfo, BundleSelector, DataNode, EvidenceInit, ExpectedResult, ListFilter, PublishResultOptions, ResultInit, TaskInit,
  VerifyOptions
} from './interface/data-node.ts'
import type { Datasets } from './interface/dataset.ts'
import type { Health } from './interface/health.ts'
import type { Manifest } from './interface/manifest.ts'
import type { RevealOptions } from './interface/offer.ts'
import type { FetchOptions, HoldOptions, ImportCarOptions, PublishOptions, ReleaseOptions } from './interface/options.ts'
import type { PeerRules } from './interface/peers.ts'
import type { AbortOptions, Address, Reference } from './interface/primitives.ts'
import type { ByteSource } from './interface/source.ts'
import type { CollectOptions, Collected, StoredBundle } from './interface/store.ts'
import type { TaskReference } from './interface/task.ts'
import type { Claim, Verdicts } from './interface/verdict.ts'
import type { VerifyBlocksOptions, VerifyReport } from './interface/verify.ts'

/** The verbs of a data node, each a few lines over its parts. */
export class RunningDataNode implements DataNode {
  readonly datasets: Datasets
  readonly audit: AuditTrail
  readonly #components: Components
  readonly #jobs = new Jobs()
  #stopped: Promise<void> | undefined

  constructor (components: Components) {
    this.#components = components
    this.audit = createAuditTrail(components, async (options, call) => await this.#jobs.run(options, call))
    this.datasets = createDatasets({
      publisher: this.address,
      publish: async (init, options) => await this.#publish(init, options),
      fetch: async (ref, options) => await this.#fetch(ref, options),
      open: async (ref, options) => await this.open(ref, options)
    })
  }

  get address (): Address { return this.#components.identity.address }
  get peerId (): string { return this.#components.identity.peerId }
  get multiaddrs (): readonly string[] { return this.#components.network.multiaddrs }

  async publishTaskBundle (task: TaskInit, options: PublishOptions & { readers: Readers }): Promise<TaskBundle> {
    checkOptions(options)
    return await this.#publish(taskBundleInit(task, options.readers, this.#components.identity), options) as TaskBundle
  }

  async fetchTaskBundle (ref: Reference, options: FetchOptions = {}): Promise<TaskBundle> {
    return await expectKind(await this.#fetch(ref, options), 'task')
  }

  async publishResult (result: ResultInit, options: PublishResultOptions): Promise<ResultBundle> {
    checkOptions(options)
    checkConfirm(options, this.#components.network)
    const published = await this.#publish(resultBundleInit(result, options, this.#components), options) as ResultBundle
    return options.confirm === undefined ? published : await confirmPublished(published, options.confirm, options)
  }

  async fetchResult (ref: Reference, expected: ExpectedResult, options: FetchOptions = {}): Promise<ResultBundle> {
    checkFetchOptions(options)
    checkExpected(expected)
    if (expected.hash !== undefined) await checkHash(parseReference(ref).cid, expected.hash, expected.hashOf)
    const result = await this.#fetchResult(ref, { ...options, providers: [...options.providers ?? [], expected.miner] })
    try {
      checkResult(result, expected)
      return result
    } catch (error) {
      await result.close()
      throw error
    }
  }

  async verifyResults (task: TaskBundle, claims: readonly Claim[], options: VerifyOptions): Promise<Verdicts> {
    return await this.#jobs.run(options, async options => await verifyResults({
      now: () => performance.now(), clock: this.#components.clock,
      fetchResult: async (ref, options) => await this.#fetchResult(ref, options)
    }, task, claims, options))
  }

  async publishEvidence (evidence: EvidenceInit, options: PublishOptions = {}): Promise<EvidenceBundle> {
    checkOptions(options)
    return await this.#publish(evidenceBundleInit(evidence, options.readers, this.#components.store), options) as EvidenceBundle
  }

  async open (ref: Reference, options: FetchOptions = {}): Promise<Bundle> {
    checkFetchOptions(options)
    const { cid, providers } = parseReference(ref)
    return await this.#jobs.run(options, async options =>
      await openBundle(this.#components, cid, { ...options, providers: [...options.providers ?? [], ...providers] }))
  }

  async importCar (source: ByteSource, options: ImportCarOptions = {}): Promise<Bundle> {
    return await this.#jobs.run(options, async options => {
      const startedAt = performance.now()
      const kept = await importCar(this.#components, source, options)
      this.#log('imported', kept.stored, startedAt)
      return await this.#openKept(kept)
    })
  }

  async * exportCar (ref: Reference, options: ExportCarOptions = {}): AsyncGenerator<Uint8Array> {
    const { cid } = parseReference(ref)
    const { bundle, signal } = await this.#jobs.run(options, async options =>
      ({ bundle: await openStored(this.#components, cid, options), signal: options.signal }))
    try {
      yield * bundle.exportCar({ ...options, signal })
    } finally {
      await bundle.close()
    }
  }

  async * list (filter: ListFilter = {}): AsyncGenerator<BundleInfo> {
    checkFilter(filter)
    this.#jobs.throwIfStopped()
    const { clock, store } = this.#components
    for (const { root } of [...store.records()]) {
      // As it is by now: whoever lists takes their time, and others release and collect.
      const stored = store.record(root)
      if (stored === undefined || !matchesFilter(stored, filter)) continue
      const info = describeStored(stored, clock())
      yield filter.sizes === true ? { ...info, ownBytes: await store.ownBytes(root) } : info
    }
  }

  async result (task: TaskReference): Promise<ResultBundle | undefined> {
    return await this.#jobs.run({}, async options => {
      const latest = latestResult(this.#components.store, task)
      return latest === undefined ? undefined : await openHandle(this.#components, latest, options) as ResultBundle
    })
  }

  async reveal (ref: Reference, options: RevealOptions = {}): Promise<void> {
    await this.#jobs.run(options, async options => { await revealStored(this.#components, parseReference(ref).cid, options) })
  }

  async hold (what: Reference | BundleSelector, init: HoldOptions = {}): Promise<number> {
    checkFetchOptions(init)
    const { owner, until, ...options } = init
    const hold = checkHold({ owner, until })
    if (isSelector(what)) return await this.#jobs.run(options, async () => await holdSelected(this.#components.store, what, hold))
    const bundle = await this.#fetch(what, { ...options, hold })
    await bundle.close()
    return 1
  }

  async release (what: Reference | BundleSelector, options: ReleaseOptions = {}): Promise<number> {
    checkObject(options, 'options')
    return await this.#jobs.run({}, async () => await letGo(this.#components, store => releaseBundles(store, what, options)))
  }

  async collect (options: CollectOptions = {}): Promise<Collected> {
    checkOptions(options)
    checkNumber(options.bytes, 'bytes', { min: 0, max: Number.MAX_SAFE_INTEGER })
    return await this.#jobs.run(options, async options => await letGo(this.#components, store => store.collect(options)))
  }

  async verify (ref?: Reference, options: VerifyBlocksOptions = {}): Promise<VerifyReport> {
    const root = ref === undefined ? undefined : parseReference(ref).cid
    checkOptions(options)
    checkNumber(options.bytesPerSecond, 'bytesPerSecond', { min: 1, max: Number.MAX_SAFE_INTEGER })
    return await this.#jobs.run(options, async options => await verifyStored(this.#components, root, options))
  }

  setPeers (rules: PeerRules): void {
    this.#jobs.throwIfStopped()
    this.#components.network.setPeers(rules)
  }

  health (): Health { return nodeHealth(this.#components) }

  async ready (options: AbortOptions = {}): Promise<void> {
    await this.#jobs.run(options, async options => { await this.#components.network.ready(options) })
  }

  async stop (): Promise<void> {
    this.#stopped ??= this.#jobs.stop(stopTimeoutMs).then(async () => { await stopComponents(this.#components) })
    await this.#stopped
  }

  async [Symbol.asyncDispose] (): Promise<void> { await this.stop() }

  async #publish<M extends Manifest> (init: BundleInit<M>, options: PublishBundleOptions): Promise<Bundle> {
    return await this.#jobs.run(options, async options => {
      const startedAt = performance.now()
      const kept = await publishBundle(this.#components, init, options)
      this.#log('published', kept.stored, startedAt)
      if (kept.stored.revealAt !== undefined) void this.#components.reveals.look()
      // Without the signal: what is listed by now was published, and must not be said to have failed.
      return await this.#openKept(kept)
    })
  }

  async #fetch (ref: Reference, options: FetchOptions): Promise<Bundle> {
    checkFetchOptions(options)
    const { cid, providers } = parseReference(ref)
    return await this.#jobs.run(options, async options => {
      const startedAt = performance.now()
      const kept = await fetchBundle(this.#components, cid, { ...options, providers: [...options.providers ?? [], ...providers] })
      this.#log('fetched', kept.stored, startedAt)
      return await this.#openKept(kept, options)
    })
  }

  async #openKept (kept: KeptBundle, options: AbortOptions = {}): Promise<Bundle> {
    try {
      return await openHandle(this.#components, kept.stored, options)
    } finally {
      kept[Symbol.dispose]()
    }
  }

  async #fetchResult (ref: Reference, options: FetchOptions): Promise<ResultBundle> {
    return await expectKind(await this.#fetch(ref, options), 'result')
  }

  #log (verb: string, { kind, root, blocks, bytes }: StoredBundle, startedAt: number): void {
    this.#components.log(`${verb} ${kind} ${root.toString()} blocks=${blocks} bytes=${bytes} ms=${(performance.now() - startedAt).toFixed(0)}`)
  }
}
