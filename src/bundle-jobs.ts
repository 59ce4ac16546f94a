import { expectKind } from './bundle/expect-kind.ts'
import { fetchBundle } from './bundle/fetch.ts'
import { checkConfirm } from './bundle/confirm-options.ts'
import { checkFetchOptions } from './bundle/fetch-options.ts'
import { openHandle } from './bundle/handle.ts'
import { importCar } from './bundle/import-car.ts'
import { openBundle } from './bundle/open.ts'
import { publishBundle } from './bundle/publish.ts'
import { resultBundleInit } from './bundle/result.ts'
import { parseReference } from './format/reference.ts'
import type { KeptBundle } from './bundle/kept-bundle.ts'
import type { BundleInit, PublishBundleOptions } from './bundle/publish.ts'
import type { Components } from './components.ts'
import type { Bundle, ResultBundle } from './interface/bundle.ts'
import type { PublishResultOptions, ResultInit } from './interface/data-node.ts'
import type { Manifest } from './interface/manifest.ts'
import type { FetchOptions, ImportCarOptions } from './interface/options.ts'
import type { AbortOptions, Reference } from './interface/primitives.ts'
import type { ByteSource } from './interface/source.ts'
import type { StoredBundle } from './interface/store.ts'
import type { Jobs } from './jobs.ts'

/** The running calls that bring a bundle in, whatever its kind: each says in one line what came and in what time. */
export class BundleJobs {
  readonly #components: Components
  readonly #jobs: Jobs

  constructor (components: Components, jobs: Jobs) {
    this.#components = components
    this.#jobs = jobs
  }

  async publish<M extends Manifest> (init: BundleInit<M>, options: PublishBundleOptions): Promise<Bundle> {
    return await this.#jobs.run(options, async options => {
      const startedAt = performance.now()
      const kept = await publishBundle(this.#components, init, options)
      this.#log('published', kept.stored, startedAt)
      if (kept.stored.revealAt !== undefined) void this.#components.reveals.look()
      // Without the signal: what is listed by now was published, and must not be said to have failed.
      return await this.#open(kept)
    })
  }

  /** What is published stays so, however the wait for routers ends. */
  async publishResult (result: ResultInit, options: PublishResultOptions): Promise<ResultBundle> {
    const { confirm } = options
    checkConfirm(options, this.#components.network)
    const published = await this.publish(resultBundleInit(result, options, this.#components), options) as ResultBundle
    if (confirm === undefined) return published
    try {
      await this.#jobs.run(options, async options => await published.confirm(confirm, options))
      return published
    } catch (error) {
      await published.close()
      throw error
    }
  }

  async fetch (ref: Reference, options: FetchOptions): Promise<Bundle> {
    checkFetchOptions(options)
    const { cid, providers } = parseReference(ref)
    return await this.#jobs.run(options, async options => {
      const startedAt = performance.now()
      const kept = await fetchBundle(this.#components, cid, { ...options, providers: [...options.providers ?? [], ...providers] })
      this.#log('fetched', kept.stored, startedAt)
      return await this.#open(kept, options)
    })
  }

  async fetchResult (ref: Reference, options: FetchOptions): Promise<ResultBundle> {
    return await expectKind(await this.fetch(ref, options), 'result')
  }

  async open (ref: Reference, options: FetchOptions): Promise<Bundle> {
    checkFetchOptions(options)
    const { cid, providers } = parseReference(ref)
    return await this.#jobs.run(options, async options =>
      await openBundle(this.#components, cid, { ...options, providers: [...options.providers ?? [], ...providers] }))
  }

  async importCar (source: ByteSource, options: ImportCarOptions): Promise<Bundle> {
    return await this.#jobs.run(options, async options => {
      const startedAt = performance.now()
      const kept = await importCar(this.#components, source, options)
      this.#log('imported', kept.stored, startedAt)
      return await this.#open(kept)
    })
  }

  async #open (kept: KeptBundle, options: AbortOptions = {}): Promise<Bundle> {
    try {
      return await openHandle(this.#components, kept.stored, { ...options, checked: kept.checked })
    } finally {
      kept[Symbol.dispose]()
    }
  }

  #log (verb: string, { kind, root, blocks, bytes }: StoredBundle, startedAt: number): void {
    this.#components.log(`${verb} ${kind} ${root.toString()} blocks=${blocks} bytes=${bytes} ms=${(performance.now() - startedAt).toFixed(0)}`)
  }
}
