import { statementSkewMsMax } from '../limits.ts'

/** When something was said to a witness and answered, by this node's clock, and the clock that the answer shows. */
export interface ClockReading {
  sentAt: number
  receivedAt: number
  time: number
}

/** Clocks of this node's routers, as their answers show them. */
export class ClockSkew {
  readonly #skews = new Map<string, number>()

  /** Notes what an answer shows; the last one of each router counts. */
  note (peerId: string, { sentAt, receivedAt, time }: ClockReading): void {
    this.#skews.set(peerId, (sentAt + receivedAt) / 2 - time)
  }

  /**
   * Milliseconds by which this node's clock is ahead of most routers' clocks, or behind when it is below 0; undefined unless
   * most of them say that it is further off than statements may be.
   */
  get ms (): number | undefined {
    const skews = [...this.#skews.values()].sort((a, b) => a - b)
    const [ahead, behind] = [skews.filter(ms => ms > statementSkewMsMax), skews.filter(ms => ms < -statementSkewMsMax)]
    const most = ahead.length > behind.length ? ahead : behind
    return most.length * 2 > skews.length ? most[Math.floor(most.length / 2)] : undefined
  }
}
