import {
  fetchWindowBytesMax, firstWindowBytes, runBytesDefault, runBytesMax, runMs, splitBytesMin, streamsPerProvider,
  streamWindowBytesMax
} from '../limits.ts'
import { Frontier } from './frontier.ts'
import { LeafPlan } from './leaf-plan.ts'
import type { FetchDagOptions } from '../interface/transfer.ts'
import type { BlockSink } from './block-sink.ts'
import type { Provider } from './provider.ts'
import type { WantedBlocks } from './provider-turn.ts'

/** Whom a plan tells what. */
export interface WorkPlanCallbacks {
  /** Called when there is something new to take, or nothing will be any more. */
  onChange: () => void
  onError: (error: unknown) => void
}

/**
 * What is missing of a DAG, cut into parts. At first it is one part, all blocks in their order. Once that is known to be large,
 * and there is more than one to ask, the rest of it becomes: its inner blocks, and then runs of leaves.
 */
export class WorkPlan {
  readonly #sink: BlockSink
  readonly #interval: Pick<FetchDagOptions, 'from' | 'to' | 'mode'>
  readonly #callbacks: WorkPlanCallbacks
  readonly #front: Frontier
  readonly #waiting: WantedBlocks[] = []
  #size: number | undefined
  #isFrontRetired = false
  #inner: Frontier | undefined
  #starting: Promise<void> | undefined
  #leaves: LeafPlan | undefined

  constructor (sink: BlockSink, interval: Pick<FetchDagOptions, 'from' | 'to' | 'mode'>, callbacks: WorkPlanCallbacks) {
    this.#sink = sink
    this.#interval = interval
    this.#callbacks = callbacks
    this.#front = new Frontier(sink, interval)
  }

  /** True when nothing is left to take. What was taken may come back. */
  get isDone (): boolean {
    if (this.#waiting.length > 0) return false
    return this.#isFrontRetired ? this.#front.expected === undefined || this.#leaves?.isDone === true : true
  }

  get isSplit (): boolean {
    return this.#inner !== undefined
  }

  /** True when so much is missing that several should bring it. */
  get isLarge (): boolean {
    return this.isSplit || (this.#size ?? 0) - this.#sink.bytes > splitBytesMin
  }

  /** Finds the first block that is missing. */
  async start (): Promise<void> {
    await this.#front.start()
    if (this.#front.expected !== undefined) this.#waiting.push(this.#front)
  }

  /** What a provider says of the size of the whole. */
  announced (wanted: WantedBlocks, size: number | undefined): void {
    if (wanted.isWhole) this.#size = size
  }

  /** Something for this provider to bring, as much as it can in about a second. */
  take (provider: Provider, live: readonly Provider[]): WantedBlocks | undefined {
    const isLastResort = (other: Provider): boolean => other.isSilent || (other.isWholeOnly && this.isSplit)
    if (isLastResort(provider) && live.some(other => !isLastResort(other))) return undefined
    return this.#waiting.shift() ?? this.#leaves?.take(this.#runBytes(provider, live.length))
  }

  /** Takes back what nobody is asked for any more, complete or not. */
  returned (wanted: WantedBlocks): void {
    if (wanted === this.#front && this.#isFrontRetired) this.splitFront()
    else if (wanted.expected !== undefined) this.#waiting.unshift(wanted)
    else if (wanted === this.#inner) this.#planLeaves()
  }

  /** The part that has everything, which is not to be asked for any more; undefined when that is so already. */
  retireFront (): WantedBlocks | undefined {
    if (this.#isFrontRetired || this.#front.expected === undefined) return undefined
    this.#isFrontRetired = true
    const index = this.#waiting.indexOf(this.#front)
    if (index >= 0) this.#waiting.splice(index, 1)
    return this.#front
  }

  isRetired (wanted: WantedBlocks): boolean {
    return this.#isFrontRetired && wanted === this.#front
  }

  /** Cuts what is missing of the part that had everything, once nobody sends any of it. */
  splitFront (): void {
    const { expected } = this.#front
    if (expected === undefined || this.#inner !== undefined) return
    const { from: since = [], to } = this.#interval
    const inner = new Frontier(this.#sink, { mode: 'inner', from: expected.position, to, since })
    this.#inner = inner
    this.#starting = inner.start().then(() => { this.returned(inner) }, this.#callbacks.onError).then(this.#callbacks.onChange)
  }

  /** Bytes that one provider may send ahead: together they are what this node has to hold when its disk is slow. */
  windowBytes ({ isShared, live }: { isShared: boolean, live: readonly Provider[] }): number {
    if (this.isSplit) {
      const share = fetchWindowBytesMax / (Math.max(1, live.length) * streamsPerProvider)
      return Math.floor(Math.min(streamWindowBytesMax, Math.max(firstWindowBytes, share)))
    }
    // What is sent ahead is sent for nothing when the rest is split.
    const isSmall = this.#size !== undefined && this.#size <= firstWindowBytes / 2
    return isSmall || (this.isLarge && isShared) ? firstWindowBytes : streamWindowBytesMax
  }

  /** Resolves when nothing is read any more. */
  async settled (): Promise<void> {
    await this.#starting
    await this.#leaves?.settled()
  }

  #planLeaves (): void {
    const { from: since = [], to } = this.#interval
    const from = this.#front.expected?.position ?? []
    this.#leaves ??= new LeafPlan(this.#sink, { from, to, since, ...this.#callbacks })
  }

  /** Towards the end less, so that all end at about the same time. */
  #runBytes (provider: Provider, live: number): number {
    const rate = provider.rate.bytesPerSecond
    const own = rate === undefined ? runBytesDefault : Math.min(runBytesMax, rate * runMs / 1000)
    const left = Math.max(0, (this.#size ?? Infinity) - this.#sink.bytes)
    return Math.min(own, left / (2 * live * streamsPerProvider))
  }
}
