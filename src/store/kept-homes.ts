import { inBatches } from '../format/in-batches.ts'
import type { BlockHome } from './block-location.ts'
import type { StoreParts } from './store-parts.ts'

/** A bundle can be removed, stored and removed again while it is looked for, but not for ever. */
const attemptsMax = 3

/** Where blocks are, for whoever builds on them: the bundles that have them stay until `release`. */
export class KeptHomes {
  readonly #parts: Pick<StoreParts, 'damage' | 'index' | 'keeps' | 'records' | 'roots'>
  readonly #kept = new Map<string, Disposable>()
  /** Where one block is. Each question waits for a thread, which may be writing: those that come together are one. */
  readonly findOne: (key: string) => Promise<BlockHome | undefined> = inBatches(async keys => await this.find(keys))

  constructor (parts: Pick<StoreParts, 'damage' | 'index' | 'keeps' | 'records' | 'roots'>) {
    this.#parts = parts
  }

  /**
   * Where blocks are; undefined for those that are not there, or not any more.
   *
   * @param committing - the bundle that this is for: what the index says of it is from a former life
   */
  async find (keys: readonly string[], committing?: string): Promise<(BlockHome | undefined)[]> {
    const { index, roots } = this.#parts
    const homes = await index.find(keys)
    for (let attempt = 0; ; attempt++) {
      const leaving = new Set<string>()
      const unsure: number[] = []
      for (const [at, home] of homes.entries()) {
        if (home === undefined || !this.#isUsable(keys[at] ?? '', home)) homes[at] = undefined
        else if (!this.#keep(home.root)) {
          leaving.add(home.root)
          unsure.push(at)
        }
      }
      if (committing !== undefined) leaving.delete(committing)
      if (unsure.length === 0) return homes
      if (attempt === attemptsMax || leaving.size === 0) return homes.map((home, at) => unsure.includes(at) ? undefined : home)
      // They are being removed, or are listed in a moment.
      for (const root of leaving) await roots.run(root, async () => {})
      const again = await index.find(unsure.map(at => keys[at] ?? ''))
      unsure.forEach((at, n) => { homes[at] = again[n] })
    }
  }

  /** Lets the bundles go. */
  release (): void {
    for (const kept of this.#kept.values()) kept[Symbol.dispose]()
    this.#kept.clear()
  }

  /** A block that is only linked by others is lost, and one that is damaged has to come again. */
  #isUsable (key: string, { place }: BlockHome): boolean {
    return place !== 'elsewhere' && !this.#parts.damage.has(key)
  }

  /** Decided and done in one step, so that nobody removes the bundle in between. False when it is not listed. */
  #keep (root: string): boolean {
    const { keeps, records } = this.#parts
    if (!records.has(root)) return false
    if (!this.#kept.has(root)) this.#kept.set(root, keeps.keep(root))
    return true
  }
}
