import { StoppedError } from '../errors.ts'

/** Work that must end before a store is closed. */
export class RunningWork {
  readonly #running = new Set<Promise<unknown>>()
  #state: 'open' | 'closing' | 'cut' = 'open'

  /** @throws {@link StoppedError} when no new work may begin */
  assertOpen (): void {
    if (this.#state !== 'open') throw stopped()
  }

  /** @throws {@link StoppedError} when even running work may not go on */
  assertNotCut (): void {
    if (this.#state === 'cut') throw stopped()
  }

  /** Does work that is waited for. @throws {@link StoppedError} when no new work may begin */
  async run<T> (work: () => Promise<T>): Promise<T> {
    this.assertOpen()
    return this.follow(work)
  }

  /** Does what belongs to work that has begun. */
  async follow<T> (work: () => Promise<T>): Promise<T> {
    const running = work()
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  /** Lets no new work begin, waits so long for what runs and then for `finish`; what takes longer is cut off. */
  async close (timeoutMs: number, finish: () => Promise<void>): Promise<void> {
    this.#state = 'closing'
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<void>(resolve => {
      timer = setTimeout(resolve, timeoutMs)
    })
    await Promise.race([this.#drain(finish), deadline])
    clearTimeout(timer)
    this.#state = 'cut'
  }

  async #drain (finish: () => Promise<void>): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
    await finish()
  }
}

function stopped (): StoppedError {
  return new StoppedError('The store is closed')
}
