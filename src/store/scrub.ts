import type { AbortOptions } from '../interface/primitives.ts'
import type { ScrubPass } from '../interface/verify.ts'
import { scrubPauseMs } from '../limits.ts'
import { ReadBudget, wait } from './read-budget.ts'
import type { BudgetComponents } from './read-budget.ts'
import { verifyBundles } from './verify-bundles.ts'
import type { VerifyParts } from './verify-bundles.ts'

/** What a scrub works with. */
export interface ScrubComponents {
  parts: VerifyParts
  /** Milliseconds since 1970. */
  clock: () => number
  log: (line: string) => void
  /** Called after each pass. */
  onPass?: ((pass: ScrubPass) => unknown) | undefined
  /** By default that of this process, which does not stay alive for it. */
  time?: BudgetComponents | undefined
}

/** How fast, and when the last pass was. */
export interface ScrubInit {
  bytesPerSecond: number
  /** The last pass of an earlier run. */
  last?: ScrubPass | undefined
}

/** Reads everything that is stored again and again, slowly, to find damage before somebody needs what is damaged. */
export class Scrub {
  readonly #components: ScrubComponents
  readonly #time: BudgetComponents
  readonly #budget: ReadBudget
  #last: ScrubPass | undefined
  #running: { ended: Promise<void>, abort: AbortController } | undefined

  constructor (components: ScrubComponents, { bytesPerSecond, last }: ScrubInit) {
    this.#components = components
    this.#time = components.time ?? { now: () => performance.now(), wait: (ms, options) => wait(ms, options, { kept: false }) }
    this.#budget = new ReadBudget(bytesPerSecond, this.#time)
    this.#last = last
  }

  /** The pass that ended last; undefined before the first. */
  get last (): ScrubPass | undefined {
    return this.#last
  }

  /** Begins, and goes on until `stop()` or until the signal is aborted. */
  start ({ signal }: AbortOptions = {}): void {
    if (this.#running !== undefined || signal?.aborted === true) return
    const abort = new AbortController()
    const both = signal === undefined ? abort.signal : AbortSignal.any([abort.signal, signal])
    this.#running = { abort, ended: this.#passes(both) }
  }

  /** Resolves when nothing is being read any more. */
  async stop (): Promise<void> {
    const running = this.#running
    running?.abort.abort()
    await running?.ended
    if (this.#running === running) this.#running = undefined
  }

  /** Never rejects. */
  async #passes (signal: AbortSignal): Promise<void> {
    const isStopped = (): boolean => signal.aborted
    while (!isStopped()) {
      try {
        await this.#pause(signal)
        await this.#pass(signal)
      } catch (error) {
        if (isStopped()) return
        this.#components.log(`checking what is stored broke off, and begins again later: ${String(error)}`)
        await this.#time.wait(scrubPauseMs, { signal }).catch(() => { /* It was stopped. */ })
      }
    }
  }

  /** A pass of an earlier run counts; one that is said to have ended in the future does not. */
  async #pause (signal: AbortSignal): Promise<void> {
    if (this.#last === undefined) return
    const sinceMs = this.#components.clock() - this.#last.endedAt
    if (sinceMs >= 0 && sinceMs < scrubPauseMs) await this.#time.wait(scrubPauseMs - sinceMs, { signal })
  }

  async #pass (signal: AbortSignal): Promise<void> {
    const { clock, log, onPass, parts } = this.#components
    const { blocks, bytes, damaged } = await verifyBundles(parts, undefined, { signal, budget: this.#budget })
    this.#last = { endedAt: clock(), blocks, bytes, damaged: damaged.length }
    log(`scrub: blocks=${blocks} bytes=${bytes} damaged=${damaged.length}`)
    await onPass?.(this.#last)
  }
}
