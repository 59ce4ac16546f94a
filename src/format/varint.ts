/**
 * Unsigned varints: seven bits a byte, least significant first, the high bit set on all bytes but the last.
 *
 * They are written in their shortest form. Two readers differ in what they accept: lengths in a CAR and in front of a wire
 * message must be in their shortest form (https://github.com/multiformats/unsigned-varint); a field inside a protobuf
 * message may be up to ten bytes long, and may exceed what a number holds
 * (https://protobuf.dev/programming-guides/encoding/#varints).
 */
import { InvalidMessageError } from '../errors.ts'

/** Bytes of the longest length that is accepted: 2^28 - 1, far above every bound of a length. */
const lengthBytesMax = 4

/** Bytes of the longest varint in a protobuf message. */
const fieldBytesMax = 10

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
  for (let index = 0; index < fieldBytesMax; index++) {
    const byte = bytes[offset + index]
    if (byte === undefined) throw new InvalidMessageError(`A varint at byte ${offset} is cut off`, { offset })
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return { value, next: offset + index + 1 }
    factor *= 0x80
  }
  throw new InvalidMessageError(`A varint at byte ${offset} is longer than ${fieldBytesMax} bytes`, { offset })
}

/** Collects a varint that may arrive in pieces, one byte after the other. */
class VarintCollector {
  /** Bytes of the varint that have come. */
  bytes = 0
  #value = 0
  #factor = 1

  /** Takes the next byte and returns the value when that was its last one. */
  push (byte: number): number | undefined {
    this.bytes++
    this.#value += (byte & 0x7f) * this.#factor
    this.#factor *= 0x80
    if (byte >= 0x80) return undefined
    const value = this.#value
    this.bytes = 0
    this.#value = 0
    this.#factor = 1
    return value
  }
}

/** Reads a length that may arrive in pieces: give it one byte after the other. */
export class LengthReader {
  readonly #varint = new VarintCollector()

  /** True before the first byte of a length. */
  get atStart (): boolean {
    return this.#varint.bytes === 0
  }

  /**
   * Takes the next byte and returns the length when that was its last one.
   *
   * @throws {@link InvalidMessageError} when the length is too long, or not in its shortest form
   */
  push (byte: number): number | undefined {
    if (byte === 0 && !this.atStart) throw new InvalidMessageError('A length is not in its shortest form')
    const value = this.#varint.push(byte)
    if (value !== undefined || this.#varint.bytes < lengthBytesMax) return value
    throw new InvalidMessageError(`A length is longer than ${lengthBytesMax} bytes`)
  }
}

/** Reads the fields of a protobuf message that may arrive in pieces: give it one byte after the other. */
export class FieldVarintReader {
  readonly #varint = new VarintCollector()

  /** True before the first byte of a varint. */
  get atStart (): boolean {
    return this.#varint.bytes === 0
  }

  /**
   * Takes the next byte and returns the value when that was its last one. What is above 2^53 - 1 loses its low digits.
   *
   * @throws {@link InvalidMessageError} when it is longer than ten bytes
   */
  push (byte: number): number | undefined {
    const value = this.#varint.push(byte)
    if (value !== undefined || this.#varint.bytes < fieldBytesMax) return value
    throw new InvalidMessageError(`A varint is longer than ${fieldBytesMax} bytes`)
  }
}
