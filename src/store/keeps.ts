/** Bundles that may not go just now, because somebody reads them or builds on them. */
export class Keeps {
  readonly #counts = new Map<string, number>()

  /** Keeps a bundle until it is disposed of. */
  keep (root: string): Disposable {
    this.#counts.set(root, (this.#counts.get(root) ?? 0) + 1)
    let isKept = true
    return {
      [Symbol.dispose]: () => {
        if (isKept) this.#release(root)
        isKept = false
      }
    }
  }

  has (root: string): boolean {
    return this.#counts.has(root)
  }

  #release (root: string): void {
    const count = (this.#counts.get(root) ?? 0) - 1
    if (count > 0) this.#counts.set(root, count)
    else this.#counts.delete(root)
  }
}
