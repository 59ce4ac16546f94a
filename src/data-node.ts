import { createAuditTrail } from './audit/audit-trail.ts'
import { proveStatement } from './audit/prove-evidence.ts'
import { BundleJobs } from './bundle-jobs.ts'
import { expectKind } from './bundle/expect-kind.ts'
import { checkFetchOptions } from './bundle/fetch-options.ts'
import { openHandle } from './bundle/handle.ts'
import { holdSelected, isSelector, releaseBundles } from './bundle/hold.ts'
import { checkFilter, describeStored, latestResult, matchesFilter } from './bundle/listing.ts'
import { letGo } from './bundle/let-go.ts'
import { openStored } from './bundle/open.ts'
import { revealStored } from './bundle/reveal-stored.ts'
import { taskBundleInit } from './bundle/task.ts'
import { verifyStored } from './bundle/verify-stored.ts'
import { stopComponents } from './components.ts'
import { NodeDatasets } from './dataset/datasets.ts'
import { EvidenceJobs } from './evidence-jobs.ts'
import { checkNumber, checkObject, checkOptions } from './format/argument.ts'
import { readDelegation } from './format/delegation.ts'
import { parseReference } from './format/reference.ts'
import { nodeHealth } from './health.ts'
import { Jobs } from './jobs.ts'
import { stopTimeoutMs } from './limits.ts'
import { checkHold } from './store/holds.ts'
import type { RunCall } from './audit/run-call.ts'
import type { Components } from './components.ts'
import type { AuditTrail } from './interface/audit.ts'
import type { Bundle, EvidenceBundle, ExportCarOptions, Readers, ResultBundle, TaskBundle } from './interface/bundle.ts'
import type {
  AuditSessionOptions, BundleInfo, BundleSelector, DataNode, EvidenceInit, ExpectedResult, ListFilter, PublishResultOptions,
  ResultInit, TaskInit, VerifyOptions
} from './interface/data-node.ts'
import type { Datasets } from './interface/dataset.ts'
import type { Delegation } from './interface/delegation.ts'
import type { ExportEvidenceOptions } from './interface/evidence.ts'
import type { EvidenceForOptions, FoundEvidence } from './interface/evidence-lookup.ts'
import type { Health } from './interface/health.ts'
import type { RevealOptions } from './interface/offer.ts'
import type { FetchOptions, HoldOptions, ImportCarOptions, PublishOptions, ReleaseOptions } from './interface/options.ts'
import type { PeerRules } from './interface/peers.ts'
import type { AbortOptions, Address, Reference } from './interface/primitives.ts'
import type { ByteSource } from './interface/source.ts'
import type { CollectOptions, Collected } from './interface/store.ts'
import type { SessionAudit } from './interface/session-audit.ts'
import type { NetworkSession, TaskReference } from './interface/task.ts'
import type { Claim, Verdicts } from './interface/verdict.ts'
import type { VerifyBlocksOptions, VerifyReport } from './interface/verify.ts'

/** The verbs of a data node, each a few lines over its parts. */
export class RunningDataNode implements DataNode {
  readonly datasets: Datasets
  readonly audit: AuditTrail
  readonly #components: Components
  readonly #jobs = new Jobs()
  readonly #bundles: BundleJobs
  readonly #evidence: EvidenceJobs
  readonly #run: RunCall = async (options, call) => await this.#jobs.run(options, call)
  #stopped: Promise<void> | undefined

  constructor (components: Components) {
    this.#components = components
    this.#bundles = new BundleJobs(components, this.#jobs)
    this.audit = createAuditTrail(components, this.#run)
    this.#evidence = new EvidenceJobs({ components, jobs: this.#jobs, bundles: this.#bundles, audit: this.audit })
    this.datasets = new NodeDatasets({
      ...components,
      publisher: this.account,
      delegationsOf: wallet => components.delegations.of(wallet),
      run: this.#run,
      release: async (ref, options) => await this.release(ref, options),
      files: components.store.appendFiles,
      prove: proveStatement({ ...components.audit, log: components.log, run: this.#run }),
      publish: async (init, options) => await this.#bundles.publish(init, options),
      fetch: async (ref, options) => await this.#bundles.fetch(ref, options),
      open: async (ref, options) => await this.open(ref, options)
    })
  }

  get address (): Address { return this.#components.identity.address }
  get account (): Address { return this.#components.identity.account }
  get peerId (): string { return this.#components.identity.peerId }
  get multiaddrs (): readonly string[] { return this.#components.network.multiaddrs }

  async publishTaskBundle (task: TaskInit, options: PublishOptions & { readers: Readers }): Promise<TaskBundle> {
    checkOptions(options)
    return await this.#bundles.publish(taskBundleInit(task, options.readers, this.#components.identity), options) as TaskBundle
  }

  async fetchTaskBundle (ref: Reference, options: FetchOptions = {}): Promise<TaskBundle> {
    return await expectKind(await this.#bundles.fetch(ref, options), 'task')
  }

  async publishResult (result: ResultInit, options: PublishResultOptions): Promise<ResultBundle> {
    checkOptions(options)
    return await this.#bundles.publishResult(result, options)
  }

  async fetchResult (ref: Reference, expected: ExpectedResult, options: FetchOptions = {}): Promise<ResultBundle> {
    return await this.#evidence.fetchResult(ref, expected, options)
  }

  async verifyResults (task: TaskBundle, claims: readonly Claim[], options: VerifyOptions): Promise<Verdicts> {
    return await this.#evidence.verifyResults(task, claims, options)
  }

  async publishEvidence (evidence: EvidenceInit, options: PublishOptions = {}): Promise<EvidenceBundle> {
    return await this.#evidence.publish(evidence, options)
  }

  async * exportEvidence (ref: Reference, options: ExportEvidenceOptions = {}): AsyncGenerator<Uint8Array> {
    yield * this.#evidence.export(ref, options)
  }

  async evidenceFor (task: TaskReference, options: EvidenceForOptions = {}): Promise<FoundEvidence[]> {
    return await this.#evidence.find(task, options)
  }

  async auditSession (session: NetworkSession, options: AuditSessionOptions): Promise<SessionAudit> {
    return await this.#evidence.auditSession(this, session, options)
  }

  async open (ref: Reference, options: FetchOptions = {}): Promise<Bundle> {
    return await this.#bundles.open(ref, options)
  }

  async importCar (source: ByteSource, options: ImportCarOptions = {}): Promise<Bundle> {
    return await this.#bundles.importCar(source, options)
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
    const bundle = await this.#bundles.fetch(what, { ...options, hold })
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

  learnDelegation (delegation: Delegation | Uint8Array | string): void {
    this.#components.delegations.learn(readDelegation(delegation))
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
}
