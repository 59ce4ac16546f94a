/** When bundles were used last. Lost with the index: then they count as used when they were stored. */
export class Uses {
  readonly #times = new Map<string, number>()
  #changed = false

  /** True when there is something that `encode` did not give yet. */
  get hasChanged (): boolean {
    return this.#changed
  }

  /** Milliseconds since 1970; undefined when nothing is known. */
  last (root: string): number | undefined {
    return this.#times.get(root)
  }

  note (root: string, at: number): void {
    this.#times.set(root, at)
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
      if (isListed(root) && !this.#times.has(root)) this.#times.set(root, at)
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
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'number'
}
