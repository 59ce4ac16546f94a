import type { Assignment } from './assignment.ts'
import type { Provider } from './provider.ts'
import type { WantedBlocks } from './provider-turn.ts'
import type { WorkPlan } from './work-plan.ts'

/** Who is being asked for what in one fetch. */
export class Assignments implements Iterable<Assignment> {
  readonly #now: () => number
  readonly #all = new Set<Assignment>()

  /** @param now - milliseconds from any start, never going back */
  constructor (now: () => number) {
    this.#now = now
  }

  get size (): number {
    return this.#all.size
  }

  /** When all of them will have been silent for too long. */
  get patientUntil (): number {
    return Math.max(-Infinity, ...[...this.#all].map(({ patientUntil }) => patientUntil))
  }

  [Symbol.iterator] (): IterableIterator<Assignment> {
    return this.#all.values()
  }

  add (assignment: Assignment): void {
    this.#all.add(assignment)
  }

  delete (assignment: Assignment): void {
    this.#all.delete(assignment)
  }

  /** Ends what is asked of anybody for this part. */
  abort (wanted: WantedBlocks, reason: unknown): void {
    for (const assignment of this.#all) if (assignment.wanted === wanted) assignment.abort(reason)
  }

  isAsked (wanted: WantedBlocks): boolean {
    return [...this.#all].some(assignment => assignment.wanted === wanted)
  }

  /** About how many bytes a provider is still to bring, as far as that is known. */
  bytesLeftOf (provider: Provider): number {
    const own = [...this.#all].filter(assignment => assignment.provider === provider)
    return own.reduce((sum, { wanted }) => sum + (wanted.bytesLeft ?? 0), 0)
  }

  /**
   * True while what a provider is asked for keeps its link busy: more would only be sent between what others wait for. What is
   * left at the end is for whoever has the least to do: a block that waits behind another one comes as much later.
   */
  isSupplied (
    provider: Provider, plan: Pick<WorkPlan, 'bytesAhead' | 'isEnding' | 'leafBytes'>, live: readonly Provider[]
  ): boolean {
    if (this.bytesLeftOf(provider) > plan.bytesAhead(provider)) return true
    if (provider.used === 0 || !plan.isEnding(live.length)) return false
    const ownSeconds = this.#secondsLeftOf(provider, plan)
    return live.some(other => this.#secondsLeftOf(other, plan) < ownSeconds)
  }

  /**
   * Finds a part that others do not bring, or too slowly, for one that has nothing to do: nobody who is asked for it is worth
   * waiting for. Who was silent counts as silent from now on.
   */
  takeOver (challenger: Provider, plan: Pick<WorkPlan, 'isRetired'>): WantedBlocks | undefined {
    const wanted = new Set([...this.#all].map(assignment => assignment.wanted))
    for (const assignment of this.#all) {
      if (!assignment.isContestableBy(challenger)) wanted.delete(assignment.wanted)
    }
    const found = [...wanted].find(blocks => !blocks.isComplete && !plan.isRetired(blocks))
    for (const assignment of this.#all) {
      if (assignment.wanted === found && assignment.isOwner && this.#now() >= assignment.patientUntil) noteSilence(assignment)
    }
    return found
  }

  /** How long a provider will be busy at its rate. Of the block on its way nothing may be seen before all of it has come. */
  #secondsLeftOf (provider: Provider, { leafBytes }: Pick<WorkPlan, 'leafBytes'>): number {
    const { bytesPerSecond = 0 } = provider.rate
    const onItsWay = Math.min(leafBytes, bytesPerSecond * provider.msWithoutBlock / 1000)
    return (this.bytesLeftOf(provider) - onItsWay) / bytesPerSecond
  }
}

function noteSilence ({ provider }: Assignment): void {
  if (!provider.isSilent) provider.note('stalled')
  provider.isSilent = true
}
