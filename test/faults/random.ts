import { createHash } from 'node:crypto'

/**
 * Says which moments, orders and bytes are tried. Printed by every run; set it to try the same again. Another one each time, but in
 * CI the same, so that what turns red there is about what was changed.
 */
export const seed: string = process.env['FAULT_SEED'] ?? (process.env['CI'] === undefined ? String(Date.now()) : '1')

/** How many rounds a fault with many moments gets. */
export const rounds: number = Number.parseInt(process.env['FAULT_ROUNDS'] ?? '50', 10)

/** Numbers that look random and follow from a text. */
export class Random {
  #state: number

  constructor (text: string, base: string = seed) {
    this.#state = createHash('sha256').update(`${base}/${text}`).digest().readUInt32LE()
  }

  /** At least 0 and less than 1. */
  next (): number {
    // Mulberry32.
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from 0 to `count - 1`. */
  below (count: number): number {
    return Math.floor(this.next() * count)
  }

  pick<T> (items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }
}
