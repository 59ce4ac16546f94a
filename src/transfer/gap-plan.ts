import { rawCodec } from '../format/dag-links.ts'
import { DagWalk } from '../format/dag-walk.ts'
import { plannedLeavesMax } from '../limits.ts'
import { Frontier } from './frontier.ts'
import { LeafRun } from './leaf-run.ts'
import { LookAhead } from './look-ahead.ts'
import type { DagStep } from '../format/dag-walk.ts'
import type { DagPosition } from '../interface/transfer.ts'
import type { BlockSink } from './block-sink.ts'
import type { WantedBlocks } from './provider-turn.ts'

/** What a plan is made of. */
export interface GapPlanInit {
  mode: 'all' | 'inner'
  /** First position of which blocks may be missing. */
  from: DagPosition
  to: DagPosition | undefined
  /** First position of what counts as there. */
  since: DagPosition
  /** True when blocks may be there anywhere, so that what is below a missing one ends where the next one is there. */
  isPatchy: boolean
  /** What is asked for below an inner block that is missing: all, or first inner blocks, so that many can bring the leaves. */
  below: 'all' | 'inner'
  /** Called when there is something to take, or nothing will be any more. */
  onChange: () => void
  onError: (error: unknown) => void
}

/** A leaf that is missing. */
interface PlannedLeaf {
  step: DagStep
  /** Positions that the walk had passed over when it came to it. */
  passedOver: number
  /** True when the leaf before it is there. */
  isAfterGap: boolean
}

/**
 * Finds what is missing of a DAG, and cuts it into parts as they are asked for: runs of leaves whose inner blocks are all there,
 * and, where an inner block is missing, what is below it. The plan goes on beyond that when it has come.
 */
export class GapPlan {
  readonly #sink: BlockSink
  readonly #init: GapPlanInit
  readonly #walk: DagWalk
  #ahead: PlannedLeaf[] = []
  readonly #leavesOf = new WeakMap<WantedBlocks, readonly PlannedLeaf[]>()
  #isAfterGap = false
  /** Begins with the inner block that the walk stands at. */
  #missing: { step: DagStep, frontier: Frontier, isTaken: boolean } | undefined
  #isLast = false
  #filling: Promise<void> | undefined

  constructor (sink: BlockSink, init: GapPlanInit) {
    const { mode, from, to, since } = init
    this.#sink = sink
    this.#init = init
    this.#walk = new DagWalk(sink.root, { mode, from, to, since })
    this.#fill()
  }

  /** True when everything was taken, and nothing that is not known yet depends on it. */
  get isDone (): boolean {
    return this.#isLast && this.#ahead.length === 0
  }

  /** True when no more is missing than is known. */
  get isAllKnown (): boolean {
    return this.#isLast
  }

  /** About how many bytes are known to be missing. */
  get bytesKnown (): number {
    return this.#ahead.length * this.#sink.leafBytes
  }

  /** The next part, of leaves about so many bytes; undefined while none is known, or when there are no more. */
  take (bytes: number): WantedBlocks | undefined {
    if (this.#missing?.isTaken === false) {
      this.#missing.isTaken = true
      return this.#missing.frontier
    }
    const [first] = this.#ahead
    if (first === undefined) return undefined
    const count = Math.max(1, Math.floor(bytes / this.#sink.leafBytes))
    const gap = this.#ahead.findIndex(({ isAfterGap }, index) => index > 0 && isAfterGap)
    const taken = this.#ahead.splice(0, gap < 0 ? count : Math.min(gap, count))
    this.#fill()
    const isRepetitive = (taken.at(-1) ?? first).passedOver > first.passedOver
    const since = isRepetitive ? this.#init.since : undefined
    const run = new LeafRun(this.#sink, { leaves: taken.map(({ step }) => step), since })
    this.#leavesOf.set(run, taken)
    return run
  }

  /**
   * Takes back what nobody brings, to be cut anew: one who is lost may have been asked for more than another one can bring in
   * time. False for a part that was not cut from leaves.
   */
  takeBack (wanted: WantedBlocks): boolean {
    const leaves = this.#leavesOf.get(wanted)
    if (leaves === undefined) return false
    const [next] = this.#ahead
    // What is between them was given to others.
    if (next !== undefined) next.isAfterGap = true
    this.#ahead.unshift(...leaves.slice(leaves.findIndex(({ step }) => step === wanted.expected)))
    return true
  }

  /** Told when a part has come as a whole. */
  filled (wanted: WantedBlocks): void {
    if (wanted === this.#missing?.frontier) this.#fill()
  }

  /** Resolves when nothing is read any more. */
  async settled (): Promise<void> {
    await this.#filling
  }

  #fill (): void {
    if (this.#isLast || this.#filling !== undefined || this.#ahead.length > plannedLeavesMax / 2) return
    if (this.#missing !== undefined && !this.#missing.frontier.isComplete) return
    this.#filling = this.#read().then(() => {
      this.#filling = undefined
      this.#init.onChange()
    }, (error: unknown) => {
      this.#filling = undefined
      this.#isLast = true
      this.#init.onError(error)
    })
  }

  async #read (): Promise<void> {
    if (this.#missing !== undefined) {
      this.#walk.supply(await this.#sink.read(this.#missing.step.cid))
      this.#missing = undefined
    }
    const lookAhead = new LookAhead(this.#sink, this.#walk)
    while (this.#ahead.length < plannedLeavesMax) {
      const step = this.#walk.next()
      if (step === undefined) {
        this.#isLast = true
        return
      }
      const isMissing = step.wanted && !await lookAhead.has(step.cid)
      if (step.cid.code === rawCodec) {
        if (isMissing) this.#ahead.push({ step, passedOver: this.#walk.passedOver, isAfterGap: this.#isAfterGap })
        this.#isAfterGap = !isMissing
      } else if (isMissing) {
        this.#missing = { step, frontier: await this.#frontierAt(step), isTaken: false }
        return
      } else {
        this.#walk.supply(await this.#sink.read(step.cid))
      }
    }
  }

  /** Its blocks are expected by a walk that has met what this one has. */
  async #frontierAt (step: DagStep): Promise<Frontier> {
    const { since, below, mode } = this.#init
    const to = await this.#endOfGap()
    const own = mode === 'inner' ? mode : below
    const walk = this.#walk.fork({ mode: own, to })
    return new Frontier(this.#sink, { mode: own, from: step.position, to, since, at: { walk, step } })
  }

  /** The first position after a block that is missing at which one is there. */
  async #endOfGap (): Promise<DagPosition | undefined> {
    const { isPatchy, to } = this.#init
    if (!isPatchy) return to
    for (const { cid, position } of this.#walk.upcoming()) {
      if (await this.#sink.has(cid)) return position
    }
    return to
  }
}
