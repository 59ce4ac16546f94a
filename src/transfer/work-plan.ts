import {
  cutWindowBytes, fetchWindowBytesMax, firstWindowBytes, runBytesDefault, runBytesMax, runBytesMin, runMs, splitBytesMin,
  streamsPerProvider, streamWindowBytesMax, windowShareStepBytes
} from '../limits.ts'
import { Frontier } from './frontier.ts'
import { GapPlan } from './gap-plan.ts'
import type { DagPosition, FetchDagOptions } from '../interface/transfer.ts'
import type { BlockSink } from './block-sink.ts'
import type { Provider } from './provider.ts'
import type { WantedBlocks } from './provider-turn.ts'

/** Whom a plan tells what. */
export interface WorkPlanCallbacks {
  /** Called when there is something new to take, or nothing will be any more. */
  onChange: () => void
  onError: (error: unknown) => void
}

/** What of a DAG is fetched. */
export type WorkPlanOptions = Pick<FetchDagOptions, 'from' | 'to' | 'mode' | 'bytesThere' | 'enoughBytes'>

/**
 * What is missing of a DAG, cut into parts. Where nothing is there it is one part at first, all blocks in their order. Once that
 * is known to be large and there is more than one to ask, and where something is there already, it is the gaps.
 */
export class WorkPlan {
  /** True when it is about the whole DAG. */
  readonly isWhole: boolean
  readonly #sink: BlockSink
  readonly #options: WorkPlanOptions
  readonly #callbacks: WorkPlanCallbacks
  readonly #front: Frontier
  readonly #waiting: WantedBlocks[] = []
  #size: number | undefined
  #isFrontRetired = false
  #gaps: GapPlan | undefined

  constructor (sink: BlockSink, options: WorkPlanOptions, callbacks: WorkPlanCallbacks) {
    const { from = [], to, mode = 'all' } = options
    this.isWhole = from.length === 0 && to === undefined && mode === 'all'
    this.#sink = sink
    this.#options = options
    this.#callbacks = callbacks
    // Several may begin as soon as leaves are known, and not when they are looked at next.
    const onInner = (): void => { if (this.isLarge) callbacks.onChange() }
    this.#front = new Frontier(sink, { ...options, onInner })
  }

  /** True when nothing is left to take. What was taken may come back. */
  get isDone (): boolean {
    if (this.#waiting.length > 0) return false
    if (this.#gaps !== undefined) return this.#gaps.isDone
    return !this.#isFrontRetired || this.#front.isComplete
  }

  get isSplit (): boolean {
    return this.#gaps !== undefined
  }

  /** True when so much is missing that several should bring it. */
  get isLarge (): boolean {
    if (this.#isFrontRetired) return true
    return (this.#bytesLeft ?? this.#gaps?.bytesKnown ?? 0) > splitBytesMin
  }

  /** About how many bytes a leaf has. */
  get leafBytes (): number {
    return this.#sink.leafBytes
  }

  /** True when there is no more to take than one leaf for each of so many. */
  isEnding (providers: number): boolean {
    return this.#gaps?.isAllKnown === true && this.#gaps.bytesKnown <= providers * this.#sink.leafBytes
  }

  /** Finds the first block that is missing. */
  async start (): Promise<void> {
    const { bytesThere, from = [] } = this.#options
    if (bytesThere !== undefined) {
      // What an interrupted transfer left is the beginning of something large; of a few blocks that were read, so is the rest.
      this.#planGaps(from, { isPatchy: true, below: bytesThere > splitBytesMin ? 'inner' : 'all' })
      await this.#gaps?.settled()
      return
    }
    await this.#front.start()
    if (!this.#front.isComplete) this.#waiting.push(this.#front)
  }

  /** What a provider says of the size of the whole. */
  announced (size: number | undefined): void {
    if (this.isWhole) this.#size = size
  }

  /** Something for this provider to bring, as much as it can in about a second. */
  take (provider: Provider, live: readonly Provider[]): WantedBlocks | undefined {
    const isLastResort = (other: Provider): boolean => other.isSilent || (other.isWholeOnly && this.isSplit)
    if (isLastResort(provider) && live.some(other => !isLastResort(other))) return undefined
    return this.#waiting.shift() ?? this.#gaps?.take(this.#runBytes(provider, live.length))
  }

  /** Takes back what nobody is asked for any more, complete or not. */
  returned (wanted: WantedBlocks): void {
    if (this.isRetired(wanted)) this.splitFront()
    else if (wanted.isComplete) this.#gaps?.filled(wanted)
    else if (this.#gaps?.takeBack(wanted) !== true) this.#waiting.unshift(wanted)
  }

  /** Divides the part that has everything after what is on its way already, once leaves are known that come after that. */
  cutFront (): void {
    if (this.#isFrontRetired || this.#front.isComplete) return
    this.#foresee()
    const rest = this.#front.cut(firstWindowBytes + windowShareStepBytes)
    if (rest === undefined) return
    this.#isFrontRetired = true
    this.#planGaps(rest, { isPatchy: false, below: 'inner' })
  }

  /** Divides it in any case: when it cannot be cut it is not to be asked for any more, and returned if anybody has to stop. */
  retireFront (): WantedBlocks | undefined {
    this.cutFront()
    if (this.#isFrontRetired || this.#front.isComplete) return undefined
    // What its provider has begun to send may be followed by leaves.
    if (!this.#waiting.includes(this.#front) && this.#front.bytes < firstWindowBytes) return undefined
    this.#isFrontRetired = true
    const index = this.#waiting.indexOf(this.#front)
    if (index >= 0) this.#waiting.splice(index, 1)
    return this.#front
  }

  isRetired (wanted: WantedBlocks): boolean {
    return this.#isFrontRetired && !this.#front.isCut && wanted === this.#front
  }

  /** Cuts what is missing of the part that had everything, once nobody sends any of it. */
  splitFront (): void {
    const { expected } = this.#front
    if (expected !== undefined) this.#planGaps(expected.position, { isPatchy: false, below: 'inner' })
  }

  /**
   * Bytes that one provider may send ahead: together they are what this node has to hold when its disk is slow. Where there are
   * others it is what keeps its link busy, and little more: what is on its way is lost with it, and comes once more from them.
   */
  windowBytes (
    { isShared, live }: { isShared: boolean, live: readonly Provider[] }, provider: Provider, wanted?: WantedBlocks
  ): number {
    if (wanted?.isCut === true) return cutWindowBytes
    if (this.isSplit) {
      const share = fetchWindowBytesMax / (Math.max(1, live.length) * streamsPerProvider)
      const most = Math.min(streamWindowBytesMax, Math.max(firstWindowBytes, share))
      // Of a block on its way nothing is taken before it has come whole: with room for no more, its sender waits to hear of that.
      const ahead = Math.max(provider.bytesAhead ?? Infinity, this.#sink.leafBytes + windowShareStepBytes)
      // In steps, because each change is a message.
      return Math.floor(Math.min(most, Math.ceil(ahead / windowShareStepBytes) * windowShareStepBytes))
    }
    // What is sent ahead is sent for nothing when the rest is split, or not wanted.
    const isSmall = this.#size !== undefined && this.#size <= firstWindowBytes / 2
    const isShort = isSmall || this.#options.enoughBytes !== undefined
    return isShort || (this.isLarge && isShared) ? firstWindowBytes : streamWindowBytesMax
  }

  /** Bytes that a provider is still to bring when it is asked for the next part: at least the last block of those before. */
  bytesAhead (provider: Provider): number {
    return Math.max(this.#sink.leafBytes, provider.bytesAhead ?? firstWindowBytes)
  }

  /** Resolves when nothing is read any more. */
  async settled (): Promise<void> {
    await this.#gaps?.settled()
  }

  #planGaps (from: DagPosition, how: { isPatchy: boolean, below: 'all' | 'inner' }): void {
    const { from: since = [], to, mode = 'all' } = this.#options
    this.#gaps ??= new GapPlan(this.#sink, { mode, from, to, since, ...how, ...this.#callbacks })
  }

  /** Leaves that have come say little of the others: there may be small files before a large one. */
  #foresee (): void {
    const [count, bytes] = [this.#front.leavesLeft, this.#bytesLeft]
    if (count !== undefined && bytes !== undefined) this.#sink.foresee({ count, bytes })
  }

  /** Undefined while it is not known. */
  get #bytesLeft (): number | undefined {
    return this.#size === undefined ? undefined : this.#size - this.#sink.bytes - (this.#options.bytesThere ?? 0)
  }

  /** Where there are several, towards the end less, so that all end at about the same time. */
  #runBytes (provider: Provider, live: number): number {
    const rate = provider.rate.bytesPerSecond
    const own = rate === undefined ? runBytesDefault : Math.min(runBytesMax, rate * runMs / 1000)
    if (live === 1) return own
    const left = this.#gaps?.isAllKnown === true ? this.#gaps.bytesKnown : Math.max(0, this.#bytesLeft ?? Infinity)
    return Math.min(own, Math.max(runBytesMin, left / (2 * live)))
  }
}
