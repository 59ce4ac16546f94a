import { dirname } from 'node:path'
import { untilAborted } from '../format/until-aborted.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/** Who changes files at the moment, and where. */
export class ChangeWatch {
  readonly #observers = new Set<(directory: string) => void>()
  readonly #waiting = new Set<() => void>()
  #underWay = 0

  /** True when no change is under way. */
  get isQuiet (): boolean {
    return this.#underWay === 0
  }

  /** Calls back with the directory when a change in it begins, and when it has ended. Returns what ends that. */
  observe (observer: (directory: string) => void): () => void {
    this.#observers.add(observer)
    return () => { this.#observers.delete(observer) }
  }

  /** Resolves when no change is under way. */
  async quiet (options: AbortOptions = {}): Promise<void> {
    if (this.isQuiet) return
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const proceed = (): void => { resolve(undefined) }
    this.#waiting.add(proceed)
    try {
      await untilAborted(promise, options.signal)
    } finally {
      this.#waiting.delete(proceed)
    }
  }

  /** Does what changes these paths. */
  async run (paths: readonly string[], work: () => Promise<void>): Promise<void> {
    this.#underWay++
    this.#tell(paths)
    try {
      await work()
    } finally {
      this.#tell(paths)
      this.#leave()
    }
  }

  /** Does a part of a change that is as good as done for whoever counts. */
  async aside (work: () => Promise<void>): Promise<void> {
    this.#leave()
    try {
      await work()
    } finally {
      this.#underWay++
    }
  }

  #tell (paths: readonly string[]): void {
    for (const directory of new Set(paths.map(path => dirname(path)))) {
      for (const observer of this.#observers) observer(directory)
    }
  }

  #leave (): void {
    this.#underWay--
    if (!this.isQuiet) return
    for (const proceed of this.#waiting) proceed()
  }
}
