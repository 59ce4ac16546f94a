const placesMin = 1024

/**
 * Finds the places in a log where an entry may be, by the first four bytes of entries that are hashes: 24 bytes of memory for
 * each, or up to twice as many. Another entry may begin in the same way: whoever asks has to compare the whole.
 */
export class EntryIndex {
  /** Open addressing: an entry is at the first free place from the one that its key names. At most half of them are taken. */
  #keys = new Uint32Array(placesMin)
  /** One more than the index of an entry; 0 where nothing is. */
  #numbers = new Float64Array(placesMin)
  #size = 0

  /** Entries so far. */
  get size (): number {
    return this.#size
  }

  add (entry: Uint8Array, index: number): void {
    if ((this.#size + 1) * 2 > this.#keys.length) this.#grow()
    this.#put(keyOf(entry), index + 1)
    this.#size++
  }

  /** Indexes of the entries that begin like this one. */
  * candidates (entry: Uint8Array): Generator<number> {
    const key = keyOf(entry)
    const places = this.#keys.length
    for (let at = key % places; (this.#numbers[at] ?? 0) !== 0; at = (at + 1) % places) {
      if (this.#keys[at] === key) yield (this.#numbers[at] ?? 0) - 1
    }
  }

  #grow (): void {
    const [keys, numbers] = [this.#keys, this.#numbers]
    this.#keys = new Uint32Array(keys.length * 2)
    this.#numbers = new Float64Array(keys.length * 2)
    for (const [at, number] of numbers.entries()) {
      if (number !== 0) this.#put(keys[at] ?? 0, number)
    }
  }

  #put (key: number, number: number): void {
    const places = this.#keys.length
    let at = key % places
    while (this.#numbers[at] !== 0) at = (at + 1) % places
    this.#keys[at] = key
    this.#numbers[at] = number
  }
}

function keyOf (entry: Uint8Array): number {
  return new DataView(entry.buffer, entry.byteOffset).getUint32(0)
}
