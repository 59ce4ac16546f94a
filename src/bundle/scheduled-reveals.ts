import { revealCheckMs, stopTimeoutMs } from '../limits.ts'
import { within } from '../network/within.ts'
import type { Logger } from '../interface/data-node.ts'
import type { RecordChange, Store, StoredBundle } from '../interface/store.ts'

/** What revealing at a time needs. */
export interface ScheduledRevealsComponents {
  store: Pick<Store, 'records' | 'update'>
  /** Milliseconds since 1970. */
  clock: () => number
  log: Logger
  /** Calls back after so many milliseconds, and gives what calls it off. By default a timer that keeps no process alive. */
  wait?: (milliseconds: number, callback: () => void) => () => void
}

/**
 * Ends embargoes at their time: those that are due at once, the others when the clock shows it. The time stands in the record of
 * each bundle, so that it outlives this process. Clocks are set, and timers know nothing of it: the clock is looked at again and
 * again, and nothing is revealed before it shows the time.
 */
export class ScheduledReveals {
  readonly #components: Required<ScheduledRevealsComponents>
  #callOff: (() => void) | undefined
  #looking: Promise<void> = Promise.resolve()
  #isStopped = false

  constructor ({ store, clock, log, wait = unrefTimer }: ScheduledRevealsComponents) {
    this.#components = { store, clock, log, wait }
  }

  /** Reveals what is due, and waits for what is not. To be called when there is something new to wait for. Never rejects. */
  async look (): Promise<void> {
    this.#looking = this.#looking.then(async () => { await this.#look() })
    await this.#looking
  }

  /** Ends when what is being revealed is, or is given up; no timer is left. */
  async stop (): Promise<void> {
    this.#isStopped = true
    this.#callOff?.()
    await within(stopTimeoutMs, this.#looking)
  }

  async #look (): Promise<void> {
    if (this.#isStopped) return
    const { clock, store, wait } = this.#components
    this.#callOff?.()
    this.#callOff = undefined
    for (const stored of [...store.records()]) if (isDue(stored, clock())) await this.#reveal(stored)
    let first = Infinity
    for (const { embargoed, revealAt = Infinity } of store.records()) if (embargoed) first = Math.min(first, revealAt)
    // What could not be written now is tried again as if it were due later.
    const delayMs = first <= clock() ? revealCheckMs : Math.min(first - clock(), revealCheckMs)
    if (first < Infinity && !this.#hasStopped()) this.#callOff = wait(delayMs, () => { void this.look() })
  }

  async #reveal ({ root, revealAt }: StoredBundle): Promise<void> {
    const { clock, log, store } = this.#components
    try {
      const revealed: RecordChange = { embargoed: false, revealAt: undefined }
      const { embargoed } = await store.update(root, stored => isDue(stored, clock()) ? revealed : {})
      if (!embargoed) log(`revealed ${root.toString()}, as it was to be at ${String(revealAt)}`)
    } catch (error) {
      log(`${root.toString()} was to be revealed at ${String(revealAt)}, and is tried again: ${String(error)}`)
    }
  }

  #hasStopped (): boolean {
    return this.#isStopped
  }
}

function isDue ({ embargoed, revealAt }: StoredBundle, now: number): boolean {
  return embargoed && revealAt !== undefined && revealAt <= now
}

function unrefTimer (milliseconds: number, callback: () => void): () => void {
  const timer = setTimeout(callback, milliseconds).unref()
  return () => { clearTimeout(timer) }
}
