/** Small, and not lost when it is added to the milliseconds since 1970. */
const instantMs = 2 ** -10

/** When bundles were used last. Lost with the index: then they count as used when they were stored. */
export class Uses {
  readonly #times = new Map<string, number>()
  #changed = false
  #latest = 0

  /** True when there is something that `encode` did not give yet. */
  get hasChanged (): boolean {
    return this.#changed
  }

  /** Milliseconds since 1970; undefined when nothing is known. */
  last (root: string): number | undefined {
    return this.#times.get(root)
  }

  /** Of two uses in one millisecond, or with a clock that went back in between, the second one is the later one, too. */
  note (root: string, at: number): void {
    this.#latest = Math.max(at, this.#latest + instantMs)
    this.#times.set(root, this.#latest)
    this.#changed = true
  }

  forget (root: string): void {
    this.#times.delete(root)
  }

  encode (): string {
    this.#changed = false
    return JSON.stringify([...this.#times])
  }

  /** Takes what was written before, as far as it can be read. */
  load (text: string | undefined, isListed: (root: string) => boolean): void {
    for (const [root, at] of parse(text)) {
      if (!isListed(root) || this.#times.has(root)) continue
      this.#times.set(root, at)
      this.#latest = Math.max(at, this.#latest)
    }
  }
}

function parse (text: string | undefined): [string, number][] {
  try {
    const value: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(value) ? value.filter(isUse) : []
  } catch {
    return []
  }
}

function isUse (value: unknown): value is [string, number] {
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'number' &&
    Number.isSafeInteger(Math.floor(value[1]))
}
