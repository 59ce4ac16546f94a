/**
 * Numbers by sha2-256 digests: 32 bytes for each digest and 12 to 24 for its number and its place, where a `Map` from text takes
 * some hundred. Of a million blocks that is the difference between fifty megabytes and a gigabyte.
 */
const digestBytes = 32
const wordBytes = 4
const digestsMin = 64
/** Memory grows by so many digests at a time, so that what is there is not copied each time. */
const pageDigests = 4096

/** Of this process alone: nobody else can choose digests that all want the same place. */
const [seed = 0, factor = 0] = [Math.random(), Math.random()].map(random => Math.floor(random * 2 ** 32) | 1)

/** A map from digests to whole numbers below 2^32. What is no digest, because it has not 32 bytes, is not there. */
export class DigestMap {
  /** Digests behind one another in the order of their coming, but that the last one fills the hole of one that goes. */
  #pages: Uint8Array<ArrayBuffer>[] = [new Uint8Array(digestsMin * digestBytes)]
  #values = new Uint32Array(digestsMin)
  /** Open addressing: the index of a digest and 1, at the first free place from the one that it hashes to; 0 is free. */
  #places = new Uint32Array(digestsMin * 2)
  #size = 0

  get size (): number {
    return this.#size
  }

  has (digest: Uint8Array): boolean {
    return this.get(digest) !== undefined
  }

  /** Undefined for a digest that is not there. */
  get (digest: Uint8Array): number | undefined {
    const index = digest.byteLength === digestBytes ? this.#places[this.#placeOf(digest)] ?? 0 : 0
    return index === 0 ? undefined : this.#values[index - 1]
  }

  /** @param digest - 32 bytes, which are copied */
  set (digest: Uint8Array, value: number): void {
    if (digest.byteLength !== digestBytes) throw new RangeError(`A digest has ${digestBytes} bytes, and not ${digest.byteLength}`)
    let place = this.#placeOf(digest)
    let index = (this.#places[place] ?? 0) - 1
    if (index === -1) {
      if (this.#size === this.#values.length) {
        this.#grow()
        place = this.#placeOf(digest)
      }
      index = this.#size++
      this.#places[place] = this.#size
      this.#write(index, digest)
    }
    this.#values[index] = value
  }

  /** False when it was not there. */
  delete (digest: Uint8Array): boolean {
    if (digest.byteLength !== digestBytes) return false
    const place = this.#placeOf(digest)
    const index = (this.#places[place] ?? 0) - 1
    if (index === -1) return false
    const last = this.#size - 1
    if (index !== last) {
      const moved = this.#at(last)
      this.#places[this.#placeOf(moved)] = index + 1
      this.#write(index, moved)
      this.#values[index] = this.#values[last] ?? 0
    }
    this.#size = last
    this.#free(place)
    if (last === 0) this.clear()
    return true
  }

  /** What it took is free at once. */
  clear (): void {
    for (const { buffer } of [...this.#pages, this.#values, this.#places]) buffer.transfer(0)
    this.#pages = [new Uint8Array(digestsMin * digestBytes)]
    this.#values = new Uint32Array(digestsMin)
    this.#places = new Uint32Array(digestsMin * 2)
    this.#size = 0
  }

  /** In the order of their coming, while none has gone. A digest is valid until the map changes. */
  * [Symbol.iterator] (): Generator<[digest: Uint8Array, value: number], undefined> {
    for (let index = 0; index < this.#size; index++) yield [this.#at(index), this.#values[index] ?? 0]
    return undefined
  }

  /** A map of its own with what is in this one. */
  copy (): DigestMap {
    const copy = new DigestMap()
    copy.#pages = this.#pages.map(page => page.slice())
    copy.#values = this.#values.slice()
    copy.#places = this.#places.slice()
    copy.#size = this.#size
    return copy
  }

  #at (index: number): Uint8Array {
    const start = index % pageDigests * digestBytes
    return (this.#pages[Math.floor(index / pageDigests)] ?? new Uint8Array()).subarray(start, start + digestBytes)
  }

  #write (index: number, digest: Uint8Array): void {
    const page = this.#pages[Math.floor(index / pageDigests)] ??= new Uint8Array(pageDigests * digestBytes)
    page.set(digest, index % pageDigests * digestBytes)
  }

  #grow (): void {
    const room = this.#size * 2
    const [first] = this.#pages
    // What is moved frees what it was moved from at once: it would stay until the heap is looked through.
    if (room <= pageDigests && first !== undefined) this.#pages = [new Uint8Array(first.buffer.transfer(room * digestBytes))]
    this.#values = new Uint32Array(this.#values.buffer.transfer(room * wordBytes))
    // At most half of them are taken.
    this.#places = new Uint32Array(this.#places.buffer.transfer(room * 2 * wordBytes)).fill(0)
    for (let index = 0; index < this.#size; index++) this.#places[this.#placeOf(this.#at(index))] = index + 1
  }

  /** Where a digest is, or where it would be. */
  #placeOf (digest: Uint8Array): number {
    const mask = this.#places.length - 1
    let place = hashOf(digest) & mask
    for (let index = this.#places[place] ?? 0; index !== 0; index = this.#places[place] ?? 0) {
      if (this.#isAt(index - 1, digest)) return place
      place = (place + 1) & mask
    }
    return place
  }

  #isAt (index: number, digest: Uint8Array): boolean {
    const page = this.#pages[Math.floor(index / pageDigests)]
    const start = index % pageDigests * digestBytes
    for (let at = 0; at < digestBytes; at++) if (page?.[start + at] !== digest[at]) return false
    return true
  }

  /** Frees a place, and moves up what is behind it because it was taken. */
  #free (place: number): void {
    const mask = this.#places.length - 1
    let hole = place
    for (let at = (hole + 1) & mask; this.#places[at] !== 0; at = (at + 1) & mask) {
      const home = hashOf(this.#at((this.#places[at] ?? 0) - 1)) & mask
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      this.#places[hole] = this.#places[at] ?? 0
      hole = at
    }
    this.#places[hole] = 0
  }
}

function hashOf (digest: Uint8Array): number {
  let hash = seed
  for (let at = 0; at < digestBytes; at += 4) {
    const word = (digest[at] ?? 0) | (digest[at + 1] ?? 0) << 8 | (digest[at + 2] ?? 0) << 16 | (digest[at + 3] ?? 0) << 24
    hash = Math.imul(hash ^ word, factor)
    hash ^= hash >>> 15
  }
  return hash >>> 0
}
