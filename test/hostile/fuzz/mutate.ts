import type { Random } from '../../faults/random.ts'

/** What decoders look for, and what they may have forgotten. */
const tokens: readonly Uint8Array[] = [
  '"', '\\', '{', '}', '[', ']', ':', ',', '0', '-', '1e999', '"__proto__":', '\\ud800', '\\u0000', '\u202e', '\ufeff', 'é', '..', '/', '//', '?', '&', '#',
  '%', '%ff', '%2f', 'provider=', 'urn:blob:v2:', 'ipfs://', 'Qm', 'bafy', 'z', '\n\n', '— ', '=', '.p/', 'x000/', 'index ', 'extra ', '/p2p/', '/tcp/', '/dns4/', '/ip6zone/', ' ', '\n', '\0'
].map(text => new TextEncoder().encode(text))

/** Lengths and keys at which something changes. */
const edges = [0, 1, 0x0a, 0x12, 0x1a, 0x22, 0x7f, 0x80, 0x81, 0xfe, 0xff]

const bytesMax = 8192

/** Changes valid bytes into others, most of which are not. */
export class Mutator {
  readonly #random: Random
  readonly #samples: readonly Uint8Array[]

  constructor (random: Random, samples: readonly Uint8Array[]) {
    this.#random = random
    this.#samples = samples
  }

  /** One sample after a few changes; now and then as it is. */
  next (): Uint8Array {
    let bytes: Uint8Array = Uint8Array.from(this.#random.pick(this.#samples))
    for (let changes = this.#random.below(5); changes > 0; changes--) bytes = this.#change(bytes)
    return bytes.subarray(0, bytesMax)
  }

  #change (bytes: Uint8Array): Uint8Array {
    const at = this.#random.below(bytes.length + 1)
    const end = Math.min(bytes.length, at + this.#length())
    const [before, range, after] = [bytes.subarray(0, at), bytes.subarray(at, end), bytes.subarray(end)]
    switch (this.#random.below(9)) {
      case 0: return join(before, range.map((byte, index) => index === 0 ? byte ^ (1 << this.#random.below(8)) : byte), after)
      case 1: return join(before, range.map((byte, index) => index === 0 ? this.#random.pick(edges) : byte), after)
      case 2: return join(before, this.#noise(), range, after)
      case 3: return join(before, after)
      case 4: return join(before, range, range, after)
      case 5: return join(before, this.#random.pick(tokens), range, after)
      case 6: return this.#spliced(before)
      case 7: return join(before, this.#varint(), range.subarray(1), after)
      default: return before
    }
  }

  /** Goes on with another sample, from anywhere in it. */
  #spliced (before: Uint8Array): Uint8Array {
    const other = this.#random.pick(this.#samples)
    return join(before, other.subarray(this.#random.below(other.length + 1)))
  }

  /** A number in one byte or in more than it needs. */
  #varint (): Uint8Array {
    const more = Array.from({ length: this.#random.below(11) }, () => 0x80 | this.#random.pick(edges))
    return Uint8Array.of(...more, this.#random.below(128))
  }

  #noise (): Uint8Array {
    return Uint8Array.from({ length: this.#length() }, () => this.#random.below(256))
  }

  /** Short more often than long. */
  #length (): number {
    return 1 + this.#random.below(2 ** this.#random.below(9))
  }
}

/** Cuts bytes into pieces of any length. */
export function cutAnywhere (bytes: Uint8Array, random: Random): Uint8Array[] {
  const pieces: Uint8Array[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + random.below(random.pick([3, 64, bytes.length]))
    pieces.push(bytes.slice(at, end))
    at = end
  }
  return pieces
}

function join (...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}
