/** Entries that go before a map is replaced. */
const goneMin = 64

/**
 * A `Map` whose entries come and go all the time, a few at once. A map that has been there for long does not serve for that.
 * Whenever as many entries have gone as its table has room for, V8 makes a new one beside it, among the objects that it looks
 * through rarely, and until it does, all that was in the old table stays, and whatever that leads to: of twenty thousand files
 * that pass through, tens of megabytes. So the map is replaced before it is old.
 */
export class TransientMap<K, V> {
  #entries = new Map<K, V>()
  /** Entries that have gone since the map is there. */
  #gone = 0

  get size (): number {
    return this.#entries.size
  }

  has (key: K): boolean {
    return this.#entries.has(key)
  }

  get (key: K): V | undefined {
    return this.#entries.get(key)
  }

  set (key: K, value: V): void {
    this.#entries.set(key, value)
  }

  delete (key: K): boolean {
    if (!this.#entries.delete(key)) return false
    this.#gone++
    if (this.#gone > goneMin && this.#gone > this.#entries.size) {
      this.#entries = new Map(this.#entries)
      this.#gone = 0
    }
    return true
  }

  clear (): void {
    this.#entries = new Map()
    this.#gone = 0
  }

  keys (): MapIterator<K> {
    return this.#entries.keys()
  }

  values (): MapIterator<V> {
    return this.#entries.values()
  }

  [Symbol.iterator] (): MapIterator<[K, V]> {
    return this.#entries[Symbol.iterator]()
  }
}
