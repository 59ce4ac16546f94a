import { DagWalk } from '../format/dag-walk.ts'
import { plannedLeavesMax } from '../limits.ts'
import { LeafRun } from './leaf-run.ts'
import type { DagStep } from '../format/dag-walk.ts'
import type { DagPosition } from '../interface/transfer.ts'
import type { BlockSink } from './block-sink.ts'

/** What a plan is made of. */
export interface LeafPlanInit {
  /** First position of which leaves are missing. */
  from: DagPosition
  to: DagPosition | undefined
  /** First position of what counts as there. */
  since: DagPosition
  /** Called when there is something to take, or nothing will be any more. */
  onChange: () => void
  onError: (error: unknown) => void
}

/** A leaf, and how many positions the walk had passed over when it came to it. */
interface PlannedLeaf {
  step: DagStep
  passedOver: number
}

/** Cuts the leaves of a DAG whose inner blocks are all there into runs, in their order, as they are asked for. */
export class LeafPlan {
  readonly #sink: BlockSink
  readonly #init: LeafPlanInit
  readonly #walk: DagWalk
  #ahead: PlannedLeaf[] = []
  #isLast = false
  #filling: Promise<void> | undefined

  constructor (sink: BlockSink, init: LeafPlanInit) {
    const { from, to, since } = init
    this.#sink = sink
    this.#init = init
    this.#walk = new DagWalk(sink.root, { mode: 'leaves', from, to, since })
    this.#fill()
  }

  /** True when every leaf was taken. */
  get isDone (): boolean {
    return this.#isLast && this.#ahead.length === 0
  }

  /** The next leaves, of about so many bytes; undefined while none is known, or when there are no more. */
  take (bytes: number): LeafRun | undefined {
    const count = Math.max(1, Math.floor(bytes / this.#sink.leafBytes))
    const taken = this.#ahead.slice(0, count)
    const [first, last] = [taken[0], taken.at(-1)]
    if (first === undefined || last === undefined) return undefined
    this.#ahead = this.#ahead.slice(count)
    this.#fill()
    const since = last.passedOver > first.passedOver ? this.#init.since : undefined
    return new LeafRun(this.#sink, { leaves: taken.map(({ step }) => step), since })
  }

  /** Resolves when nothing is read any more. */
  async settled (): Promise<void> {
    await this.#filling
  }

  #fill (): void {
    if (this.#isLast || this.#filling !== undefined || this.#ahead.length > plannedLeavesMax / 2) return
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
    while (this.#ahead.length < plannedLeavesMax) {
      const step = this.#walk.next()
      if (step === undefined) {
        this.#isLast = true
        return
      }
      if (step.wanted) this.#ahead.push({ step, passedOver: this.#walk.passedOver })
      else this.#walk.supply(await this.#sink.read(step.cid))
    }
  }
}
