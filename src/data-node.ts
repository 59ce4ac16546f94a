import { checkHash } from './audit/check-hash.ts'
import { checkExpected, checkResult } from './audit/check-result.ts'
import { evidenceBundleInit } from './audit/evidence.ts'
import { verifyResults } from './audit/verdicts.ts'
import { expectKind } from './bundle/expect-kind.ts'
import { fetchBundle } from './bundle/fetch.ts'
import { checkFetchOptions } from './bundle/fetch-options.ts'
import { openHandle } from './bundle/handle.ts'
import { checkFilter, describeStored, matchesFilter } from './bundle/listing.ts'
import { openBundle } from './bundle/open.ts'
import { publishBundle } from './bundle/publish.ts'
import { resultBundleInit } from './bundle/result.ts'
import { taskBundleInit } from './bundle/task.ts'
import { parseTaskReference } from './bundle/task-reference.ts'
import { stopComponents } from './components.ts'
import { createDatasets } from './dataset/datasets.ts'
import { checkOptions } from './format/argument.ts'
import { parseReference } from './format/reference.ts'
import { nodeHealth } from './health.ts'
import { Jobs } from './jobs.ts'
import { stopTimeoutMs } from './limits.ts'
import type { BundleInit } from './bundle/publish.ts'
import type { Components } from './components.ts'
import type { Bundle, EvidenceBundle, Readers, ResultBundle, TaskBundle } from './interface/bundle.ts'
import type {
  BundleInfo, DataNode, EvidenceInit, ExpectedResult, ListFilter, PublishResultOptions, ResultInit, TaskInit, VerifyOptions
} from './interface/data-node.ts'
import type { Datasets } from './interface/dataset.ts'
import type { Health } from './interface/health.ts'
import type { Manifest } from './interface/manifest.ts'
import type { FetchOptions, PublishOptions } from './interface/options.ts'
import type { AbortOptions, Address, Reference } from './interface/primitives.ts'
import type { StoredBundle } from './interface/store.ts'
import type { TaskReference } from './interface/task.ts'
import type { Claim, Verdicts } from './interface/verdict.ts'

/** The verbs of a data node, each a few lines over its parts. */
export class RunningDataNode implements DataNode {
  readonly datasets: Datasets
  readonly #components: Components
  readonly #jobs = new Jobs()
  #stopped: Promise<void> | undefined

  constructor (components: Components) {
    this.#components = components
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
    const { identity, store } = this.#components
    return await this.#publish(resultBundleInit(result, options, { identity, store }), options) as ResultBundle
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
      now: () => performance.now(),
      fetchResult: async (ref, options) => await this.#fetchResult(ref, options)
    }, task, claims, options))
  }

  async publishEvidence (evidence: EvidenceInit, options: PublishOptions = {}): Promise<EvidenceBundle> {
    checkOptions(options)
    return await this.#publish(evidenceBundleInit(evidence, options.readers), options) as EvidenceBundle
  }

  async open (ref: Reference, options: FetchOptions = {}): Promise<Bundle> {
    checkFetchOptions(options)
    const { cid, providers } = parseReference(ref)
    return await this.#jobs.run(options, async options =>
      await openBundle(this.#components, cid, { ...options, providers: [...options.providers ?? [], ...providers] }))
  }

  async * list (filter: ListFilter = {}): AsyncGenerator<BundleInfo> {
    checkFilter(filter)
    this.#jobs.throwIfStopped()
    for (const stored of [...this.#components.store.records()]) {
      if (matchesFilter(stored, filter)) yield describeStored(stored)
    }
  }

  async result (task: TaskReference): Promise<ResultBundle | undefined> {
    const asked = parseTaskReference(task)
    this.#jobs.throwIfStopped()
    const latest = [...this.#components.store.records()]
      .filter(stored => stored.origin === 'published' && matchesFilter(stored, { kind: 'result', task: asked }))
      .sort((a, b) => a.storedAt - b.storedAt).at(-1)
    if (latest === undefined) return undefined
    return await this.#jobs.run({}, async options => await openHandle(this.#components, latest, options)) as ResultBundle
  }

  async hold (ref: Reference, options: FetchOptions = {}): Promise<void> {
    checkFetchOptions(options)
    const bundle = await this.#fetch(ref, { ...options, hold: true })
    await bundle.close()
  }

  async release (ref: Reference): Promise<void> {
    const { cid } = parseReference(ref)
    await this.#jobs.run({}, async () => await this.#components.store.update(cid, { held: false }))
  }

  health (): Health {
    return nodeHealth(this.#components)
  }

  async ready (options: AbortOptions = {}): Promise<void> {
    await this.#jobs.run(options, async options => { await this.#components.network.ready(options) })
  }

  async stop (): Promise<void> {
    this.#stopped ??= this.#jobs.stop(stopTimeoutMs).then(async () => { await stopComponents(this.#components) })
    await this.#stopped
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    await this.stop()
  }

  async #publish<M extends Manifest> (init: BundleInit<M>, options: AbortOptions): Promise<Bundle> {
    return await this.#jobs.run(options, async options => {
      const startedAt = performance.now()
      const stored = await publishBundle(this.#components, init, options)
      this.#log('published', stored, startedAt)
      // Without the signal: what is listed by now was published, and must not be said to have failed.
      return await openHandle(this.#components, stored)
    })
  }

  async #fetch (ref: Reference, options: FetchOptions): Promise<Bundle> {
    checkFetchOptions(options)
    const { cid, providers } = parseReference(ref)
    return await this.#jobs.run(options, async options => {
      const startedAt = performance.now()
      const named = [...options.providers ?? [], ...providers]
      const stored = await fetchBundle(this.#components, cid, { ...options, providers: named })
      this.#log('fetched', stored, startedAt)
      return await openHandle(this.#components, stored, options)
    })
  }

  async #fetchResult (ref: Reference, options: FetchOptions): Promise<ResultBundle> {
    return await expectKind(await this.#fetch(ref, options), 'result')
  }

  #log (verb: string, { kind, root, blocks, bytes }: StoredBundle, startedAt: number): void {
    this.#components.log(`${verb} ${kind} ${root.toString()} blocks=${blocks} bytes=${bytes} ms=${(performance.now() - startedAt).toFixed(0)}`)
  }
}
