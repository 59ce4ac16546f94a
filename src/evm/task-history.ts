import { LimitExceededError } from '../errors.ts'
import { sessionEventsMax } from '../limits.ts'
import type { MinerRecord } from '../interface/chain.ts'
import type { Address, Uint256 } from '../interface/primitives.ts'
import type { UntimedEvent } from './task-event.ts'

/** When the chain saw what of one miner. */
export type MinerTimes = Pick<MinerRecord, 'assignedAt' | 'acknowledgedAt' | 'precommittedAt' | 'committedAt'>

type Step = keyof MinerTimes

const steps: Partial<Record<UntimedEvent['type'], Step>> = {
  assigned: 'assignedAt', acknowledged: 'acknowledgedAt', precommitted: 'precommittedAt', committed: 'committedAt'
}

/** What events say about the tasks of one network session. */
export class TaskHistories {
  readonly #tasks = new Map<Uint256, Map<Address, MinerTimes>>()
  readonly #precommitted = new Map<Uint256, Address[]>()
  #events = 0

  /**
   * Takes an event that was in a block of this time. Of what comes twice the first counts.
   *
   * @throws {@link LimitExceededError} when there are more than are kept
   */
  add (event: UntimedEvent, time: Uint256): void {
    const step = steps[event.type]
    if (step === undefined) return
    const miners = 'miners' in event ? event.miners : 'miner' in event ? [event.miner] : []
    this.#events += miners.length
    if (this.#events > sessionEventsMax) {
      throw new LimitExceededError(`Network session ${event.task.sessionId} has more than ${sessionEventsMax} events: read its tasks one by one`,
        { limit: 'sessionEventsMax', max: sessionEventsMax })
    }
    for (const miner of miners) this.#timesOf(event.task.taskId, miner)[step] ??= time
    if (step === 'precommittedAt') this.#precommitted.set(event.task.taskId, [...this.precommitted(event.task.taskId), ...miners])
  }

  /** Whom events name for a task, in the order in which they came, and when. */
  of (taskId: Uint256): ReadonlyMap<Address, MinerTimes> {
    return this.#tasks.get(taskId) ?? new Map<Address, MinerTimes>()
  }

  /** Who precommitted to a task, in the order of the chain. */
  precommitted (taskId: Uint256): readonly Address[] {
    return this.#precommitted.get(taskId) ?? []
  }

  #timesOf (taskId: Uint256, miner: Address): MinerTimes {
    const miners = this.#tasks.get(taskId) ?? new Map<Address, MinerTimes>()
    this.#tasks.set(taskId, miners)
    const times = miners.get(miner) ?? {}
    miners.set(miner, times)
    return times
  }
}
