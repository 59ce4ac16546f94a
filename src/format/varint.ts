/**
 * Unsigned varints: seven bits a byte, least significant first, the high bit set on all bytes but the last.
 *
 * They are written in their shortest form. What is accepted differs: lengths in a CAR and in front of a wire
 * message must be in their shortest form (https://github.com/multiformats/unsigned-varint); a field inside a protobuf
 * message may be up to ten bytes long, and may exceed what a number holds
 * (https://protobuf.dev/programming-guides/encoding/#varints).
 */
import { InvalidMessageError } from '../errors.ts'

/** Bytes of the longest varint: of a length, up to 2^28 - 1, which is far above every bound of one, and in a protobuf message. */
const bytesMax = { length: 4, field: 10 } as const

/** How many bytes `value` takes. */
export function varintLength (value: number): number {
  let length = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++
  return length
}

/** Writes a whole number from 0 to 2^53 - 1. */
export function encodeVarint (value: number): Uint8Array<ArrayBuffer> {
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidMessageError(`${value} cannot be a varint`, { value })
  const bytes = new Uint8Array(varintLength(value))
  let rest = value
  for (let index = 0; index < bytes.length - 1; index++) {
    bytes[index] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  bytes[bytes.length - 1] = rest
  return bytes
}

/** A number read from `bytes`, and where the next byte is. */
export interface VarintRead {
  value: number
  next: number
}

/**
 * Reads a field of a protobuf message. What is above 2^53 - 1 loses its low digits.
 *
 * @throws {@link InvalidMessageError} when the bytes end inside of it, or it is longer than ten bytes
 */
export function readFieldVarint (bytes: Uint8Array, offset: number): VarintRead {
  let value = 0
  let factor = 1
  for (let index = 0; index < bytesMax.field; index++) {
    const byte = bytes[offset + index]
    if (byte === undefined) throw new InvalidMessageError(`A varint at byte ${offset} is cut off`, { offset })
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return { value, next: offset + index + 1 }
    factor *= 0x80
  }
  throw new InvalidMessageError(`A varint at byte ${offset} is longer than ${bytesMax.field} bytes`, { offset })
}

/** Reads varints that may arrive in pieces: give it one byte after the other. */
export class VarintReader {
  readonly #kind: keyof typeof bytesMax
  readonly #bytesMax: number
  /** Bytes of the varint that have come. */
  #bytes = 0
  #value = 0
  #factor = 1

  /** Reads lengths, in their shortest form alone, or fields of a protobuf message. */
  constructor (kind: keyof typeof bytesMax) {
    this.#kind = kind
    this.#bytesMax = bytesMax[kind]
  }

  /** True before the first byte of a varint. */
  get atStart (): boolean {
    return this.#bytes === 0
  }

  /**
   * Takes the next byte and returns the value when that was its last one. What is above 2^53 - 1 loses its low digits.
   *
   * @throws {@link InvalidMessageError} when it is too long, or a length is not in its shortest form
   */
  push (byte: number): number | undefined {
    if (byte === 0 && this.#bytes > 0 && this.#kind === 'length') throw new InvalidMessageError('A length is not in its shortest form')
    this.#bytes++
    this.#value += (byte & 0x7f) * this.#factor
    if (byte >= 0x80) {
      if (this.#bytes === this.#bytesMax) throw new InvalidMessageError(`A ${this.#kind} is longer than ${this.#bytesMax} bytes`)
      this.#factor *= 0x80
      return undefined
    }
    const value = this.#value
    this.#bytes = 0
    this.#value = 0
    this.#factor = 1
    return value
  }
}
