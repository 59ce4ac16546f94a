import { setImmediate } from 'node:timers/promises'
import { turnMsMax } from '../limits.ts'

/** The time for which work without a wait goes on before others have their turn. */
export class Turn {
  #since = performance.now()

  /** It begins anew: something was waited for. */
  begin (): void {
    this.#since = performance.now()
  }

  /** Resolves when others had their turn, and the next one begins; undefined while this one is not over. */
  passOn (): Promise<void> | undefined {
    if (performance.now() - this.#since < turnMsMax) return undefined
    return setImmediate().then(() => { this.begin() })
  }
}
