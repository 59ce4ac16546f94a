const placesMin = 1024
/** The hash begins behind its code and its length, two bytes; 13 digits are as many as a number holds exactly. */
const digitsFrom = 4
const digitsTo = digitsFrom + 13

/**
 * Which blocks were put in, by the first 52 bits of their hashes: 16 bytes of memory for each, or up to twice as many. What it
 * does not have was not put in; what it has was, but for chance.
 */
export class KeySet {
  /** Open addressing: a hash is at the first free place from the one that it names. At most half of them are taken. */
  #places = new Float64Array(placesMin)
  #size = 0

  /** Keys as of {@link blockKey}. */
  add (key: string): void {
    if ((this.#size + 1) * 2 > this.#places.length) this.#grow()
    if (put(this.#places, numberOf(key))) this.#size++
  }

  has (key: string): boolean {
    const number = numberOf(key)
    return this.#places[placeOf(this.#places, number)] === number
  }

  #grow (): void {
    const places = new Float64Array(this.#places.length * 2)
    for (const number of this.#places) if (number !== 0) put(places, number)
    this.#places = places
  }
}

/** Never 0, which is a free place. */
function numberOf (key: string): number {
  return parseInt(key.slice(digitsFrom, digitsTo), 16) + 1
}

function placeOf (places: Float64Array, number: number): number {
  let at = number % places.length
  while (places[at] !== 0 && places[at] !== number) at = (at + 1) % places.length
  return at
}

function put (places: Float64Array, number: number): boolean {
  const at = placeOf(places, number)
  if (places[at] === number) return false
  places[at] = number
  return true
}
