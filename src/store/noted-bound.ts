import { essentialReserveBytes, essentialReserveFiles, spaceBoundStepBytes, spaceBoundStepFiles } from '../limits.ts'
import type { SpaceAmount, SpaceRequest } from './space-request.ts'

/**
 * What may be used as far as the disk knows: noted before it is used, in steps, so that after an unclean stop no more can have
 * been used than was noted. A part of every bound is for what is essential: the note itself may need it.
 */
export class NotedBound {
  readonly #persist: (bound: SpaceAmount) => Promise<void>
  #bound: SpaceAmount = { bytes: 0, files: 0 }
  #noting: Promise<void> | undefined

  constructor (persist: (bound: SpaceAmount) => Promise<void>) {
    this.#persist = persist
  }

  /** True while a larger bound is on its way. */
  get isBeingNoted (): boolean {
    return this.#noting !== undefined
  }

  /** True when a request beside what is used stays within the bound. */
  covers (used: SpaceAmount, { bytes, files, essential = false }: SpaceRequest): boolean {
    const bytesMax = this.#bound.bytes - (essential ? 0 : essentialReserveBytes)
    const filesMax = this.#bound.files - (essential ? 0 : essentialReserveFiles)
    return used.bytes + bytes <= bytesMax && used.files + files <= filesMax
  }

  /** Notes a bound a step above what is used, and not above `most` without need. Once at a time: who comes later waits too. */
  note (used: SpaceAmount, most: SpaceAmount): Promise<void> {
    this.#noting ??= this.#note({
      bytes: Math.max(used.bytes, Math.min(most.bytes, used.bytes + spaceBoundStepBytes + essentialReserveBytes)),
      files: Math.max(used.files, Math.min(most.files, used.files + spaceBoundStepFiles + essentialReserveFiles))
    }).finally(() => { this.#noting = undefined })
    return this.#noting
  }

  async #note (bound: SpaceAmount): Promise<void> {
    // What it writes has to find that it is being noted.
    await Promise.resolve()
    await this.#persist(bound)
    this.#bound = bound
  }
}
