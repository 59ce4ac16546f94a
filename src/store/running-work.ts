import { StoppedError } from '../errors.ts'
import { TransientMap } from '../format/transient-map.ts'

/** Work that must end before a store is closed. */
export class RunningWork {
  readonly #running = new TransientMap<Promise<unknown>, undefined>()
  #state: 'open' | 'closing' | 'cut' = 'open'

  /** @throws {@link StoppedError} when no new work may begin */
  assertOpen (): void {
    if (this.#state !== 'open') throw stopped()
  }

  /** @throws {@link StoppedError} when even running work may not go on */
  assertNotCut (): void {
    if (this.#state === 'cut') throw stopped()
  }

  /** Does work that is waited for. Rejects with a {@link StoppedError} when no new work may begin. */
  run<T> (work: () => Promise<T>): Promise<T> {
    return this.#state === 'open' ? this.follow(work) : Promise.reject(stopped())
  }

  /** Does what belongs to work that has begun. */
  async follow<T> (work: () => Promise<T>): Promise<T> {
    const running = work()
    this.#running.set(running, undefined)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  /**
   * Lets no new work begin, and does `finish` when none runs any more. Waits so long for both; what takes longer is cut off,
   * and `finish` comes whenever it has ended. False when that is still to come.
   */
  async close (timeoutMs: number, finish: () => Promise<void>): Promise<boolean> {
    this.#state = 'closing'
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<boolean>(resolve => {
      timer = setTimeout(resolve, timeoutMs, false)
    })
    const ending = this.#drain().then(finish).then(() => true)
    try {
      return await Promise.race([ending, deadline])
    } finally {
      clearTimeout(timer)
      this.#state = 'cut'
    }
  }

  async #drain (): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running.keys())
  }
}

function stopped (): StoppedError {
  return new StoppedError('The store is closed')
}
