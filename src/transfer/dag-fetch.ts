import { DataNodeError, StoppedError } from '../errors.ts'
import { fetchTickMs, firstWindowBytes, nodePutBytesMax, nodeWindowBytesMax, putBytesMax, putBytesMin } from '../limits.ts'
import { Assignment } from './assignment.ts'
import { Assignments } from './assignments.ts'
import { fetchError, outcomeOf } from './attempts.ts'
import { BlockSink } from './block-sink.ts'
import { FetchProgress } from './fetch-progress.ts'
import { FetchReport } from './fetch-report.ts'
import { ProviderSet } from './provider-set.ts'
import { WorkPlan } from './work-plan.ts'
import type { CID } from 'multiformats/cid'
import type { DagHeader } from '../format/messages.ts'
import type { BlockReader, BlockWriter } from '../interface/store.ts'
import type { FetchDagOptions, FetchedDag } from '../interface/transfer.ts'
import type { Provider } from './provider.ts'
import type { Need, ProviderSetComponents } from './provider-set.ts'
import type { WantedBlocks } from './provider-turn.ts'

/** One for all, because it is made for comparison only. */
const notNeeded = new StoppedError('It is not needed of this provider any more')

/**
 * One fetch. Providers are connected to and asked until nothing is missing: a small DAG is asked of one, and of the next when
 * there is no answer soon; a large one of several, part by part. Whatever a provider does, only its own part has to be asked for
 * again.
 */
export class DagFetch {
  readonly #options: FetchDagOptions
  readonly #components: ProviderSetComponents
  readonly #signal: AbortSignal
  readonly #sink: BlockSink
  readonly #plan: WorkPlan
  readonly #providers: ProviderSet
  readonly #report: FetchReport
  readonly #active: Assignments
  readonly #running = new Set<Promise<void>>()
  readonly #ended = Promise.withResolvers<undefined>()
  #isEnded = false
  #isPumping = false

  constructor (root: CID, into: BlockReader & BlockWriter, options: FetchDagOptions, components: ProviderSetComponents,
    signal: AbortSignal) {
    const { now, log } = components
    this.#options = options
    this.#components = components
    this.#signal = signal
    const putBytes = (): number => this.#share({ min: putBytesMin, max: putBytesMax, all: nodePutBytesMax })
    this.#sink = new BlockSink(root, into, { ...options, putBytes, signal })
    const progress = new FetchProgress(options, now)
    this.#report = new FetchReport(root, { progress, log, onSaid: options.onSaid })
    const callbacks = { onChange: () => { this.#pump() }, onError: (error: unknown) => { this.#fail(error) } }
    this.#plan = new WorkPlan(this.#sink, options, callbacks)
    const { providers } = options
    this.#providers = new ProviderSet(components, { root, providers, report: this.#report, signal, ...callbacks })
    this.#active = new Assignments(now)
    this.#ended.promise.catch(() => {})
  }

  /** When it rejects, nothing is being put any more. */
  async run (): Promise<FetchedDag> {
    const onAbort = (): void => { this.#fail(this.#signal.reason) }
    const ticking = setInterval(() => { this.#pump() }, fetchTickMs)
    this.#signal.addEventListener('abort', onAbort, { once: true })
    try {
      this.#signal.throwIfAborted()
      await this.#plan.start()
      this.#pump()
      await this.#ended.promise
      await this.#sink.settled()
      return this.#report.result(this.#sink.bytes, this.#providers.all)
    } finally {
      clearInterval(ticking)
      this.#signal.removeEventListener('abort', onAbort)
      this.#isEnded = true
      this.#providers.stop()
      for (const assignment of this.#active) assignment.abort(notNeeded)
      await Promise.all(this.#running)
      await this.#plan.settled()
      await this.#sink.idle()
    }
  }

  /** Looks at everything once what is going on now is done: changes come from within turns, too. */
  #pump (): void {
    if (this.#isPumping) return
    this.#isPumping = true
    queueMicrotask(() => {
      this.#isPumping = false
      if (this.#isEnded) return
      try {
        this.#look()
      } catch (error) {
        this.#fail(error)
      }
    })
  }

  #look (): void {
    if (this.#plan.isDone && this.#active.size === 0) {
      this.#end()
      return
    }
    if (this.#plan.isLarge) this.#divide()
    for (const provider of this.#providers.byRate) this.#occupy(provider)
    this.#providers.recruit(this.#need)
    if (this.#active.size === 0 && this.#providers.isExhausted) {
      this.#fail(fetchError(this.#sink.root, this.#report.ended(this.#providers.all)))
    }
  }

  get #need (): Need {
    return { patientUntil: this.#active.patientUntil, isLarge: this.#plan.isLarge }
  }

  /** While others are being connected to, it is found out what there is for them to bring. */
  #divide (): void {
    this.#providers.recruit(this.#need)
    if (this.#providers.live.length > 1) this.#split()
    else if (this.#providers.isJoined) this.#plan.cutFront()
  }

  /** What was asked for as a whole is now asked for in parts. Its turn has to end first: until then it may still take blocks. */
  #split (): void {
    const front = this.#plan.retireFront()
    if (front === undefined) return
    this.#active.abort(front, notNeeded)
    if (!this.#active.isAsked(front)) this.#plan.splitFront()
  }

  #occupy (provider: Provider): void {
    provider.allow(this.#plan.isSplit ? provider.placesMax : 1)
    while (provider.used < provider.places) {
      if (this.#isSupplied(provider) && !this.#plan.isDone) return
      const wanted = this.#plan.take(provider, this.#providers.live) ?? this.#active.takeOver(provider, this.#plan)
      if (wanted === undefined) return
      this.#assign(provider, wanted)
    }
  }

  #isSupplied (provider: Provider): boolean {
    return this.#active.isSupplied(provider, this.#plan, this.#providers.live)
  }

  /** True when blocks that came may have made it possible to divide the rest, or time to ask their provider for its next part. */
  #isDue (provider: Provider): boolean {
    if (!this.#plan.isSplit) return this.#plan.isLarge && this.#providers.isJoined
    return provider.used < provider.places && !this.#isSupplied(provider)
  }

  #assign (provider: Provider, wanted: WantedBlocks): void {
    const assignment = new Assignment(provider, wanted, this.#components.now)
    this.#active.add(assignment)
    provider.used++
    const turning = this.#turn(assignment).then(() => undefined, (error: unknown) => error).then((error) => {
      this.#running.delete(turning)
      this.#turnEnded(assignment, error)
    })
    this.#running.add(turning)
  }

  async #turn (assignment: Assignment): Promise<void> {
    const { provider, wanted } = assignment
    const { bytesMax, stallTimeoutMs } = this.#options
    let bytes = wanted.bytes
    await provider.ask?.({
      frontier: wanted,
      bytesMax,
      stallTimeoutMs,
      signal: assignment.signal,
      onAsk: () => {
        assignment.asked()
        bytes = wanted.bytes
        provider.note('asked')
      },
      onHeader: (header) => { this.#answered(assignment, header) },
      onBytes: (count) => { assignment.heard(count) },
      onBlocks: () => {
        provider.brought(wanted.bytes - bytes)
        bytes = wanted.bytes
        provider.isSilent = false
        this.#report.received(provider, this.#sink.bytes)
        if (this.#isDue(provider)) this.#pump()
      },
      // This node's own limit is no silence of the provider.
      pace: bytes => this.#components.download?.take(provider.name, bytes, assignment.signal, () => { assignment.excuse() }),
      windowBytes: () => this.#share({
        min: firstWindowBytes, max: this.#plan.windowBytes(this.#providers, provider, wanted), all: nodeWindowBytesMax
      })
    })
  }

  /** What all fetches may hold is divided among them. */
  #share ({ min, max, all }: { min: number, max: number, all: number }): number {
    return Math.floor(Math.min(max, Math.max(min, all / Math.max(1, this.#components.fetches()))))
  }

  /** The first that answers owns the part, unless another one went on with it meanwhile. */
  #answered (assignment: Assignment, header: DagHeader): void {
    const { provider, wanted, askedAtBytes } = assignment
    assignment.signal.throwIfAborted()
    if (askedAtBytes !== wanted.bytes) throw notNeeded
    for (const other of this.#active) {
      if (other === assignment || other.wanted !== wanted) continue
      if (other.isOwner) other.provider.note('taken-over')
      other.abort(notNeeded)
    }
    assignment.own()
    provider.note('answered')
    this.#report.answered(header, this.#plan.isWhole)
    this.#plan.announced(header.size)
    this.#pump()
  }

  #turnEnded (assignment: Assignment, error: unknown): void {
    const { provider, wanted } = assignment
    this.#active.delete(assignment)
    provider.used--
    if (this.#isEnded) return
    if (error !== undefined && error !== notNeeded) this.#providerFailed(provider, error)
    if (wanted.isComplete) this.#active.abort(wanted, notNeeded)
    if (!this.#active.isAsked(wanted)) this.#plan.returned(wanted)
    this.#pump()
  }

  /** Every way in which a provider can fail becomes an attempt; what is about this node or the DAG itself ends the fetch. */
  #providerFailed (provider: Provider, error: unknown): void {
    const outcome = outcomeOf(error)
    if (outcome === undefined || !(error instanceof DataNodeError)) {
      this.#fail(error)
      return
    }
    if (outcome === 'busy' && provider.rests(error.details['retryAfterMs'])) return
    this.#report.failed(provider, outcome, error)
    for (const other of this.#active) if (other.provider === provider) other.abort(notNeeded)
  }

  #end (): void {
    this.#isEnded = true
    this.#ended.resolve(undefined)
  }

  #fail (error: unknown): void {
    this.#isEnded = true
    this.#ended.reject(error)
  }
}
