/**
 * The part of protobuf that the wire messages use: varints and byte strings
 * (https://protobuf.dev/programming-guides/encoding/).
 *
 * Fields of any number and wire type are read, so that messages may get new ones. Groups, which protobuf itself has given up, are
 * not.
 */
import { InvalidMessageError } from '../errors.ts'
import { encodeVarint, readFieldVarint, varintLength } from './varint.ts'

/** Wire type of numbers and enums. */
export const varintType = 0

/** Wire type of byte strings, messages and packed numbers. */
export const bytesType = 2

const fixed64Type = 1
const fixed32Type = 5

/** One field as it stands in a message. */
export interface ProtobufField {
  number: number
  /** The value, when the wire type is varint. */
  value: number | undefined
  /** The bytes as a view, when the wire type is byte string. */
  bytes: Uint8Array | undefined
}

/**
 * Goes through the fields of a message in the order in which they stand there.
 *
 * @throws {@link InvalidMessageError} when the bytes are not a protobuf message
 */
export function* readFields (message: Uint8Array): Generator<ProtobufField> {
  let at = 0
  while (at < message.length) {
    const key = readFieldVarint(message, at)
    const number = Math.floor(key.value / 8)
    if (number === 0) throw new InvalidMessageError('A protobuf field has number 0')
    const content = readContent(message, key.value % 8, key.next)
    yield { number, value: content.value, bytes: content.bytes }
    at = content.next
  }
}

/**
 * Takes a number of a field as it is.
 *
 * @throws {@link InvalidMessageError} when it is above 2^53 - 1, and has lost its low digits
 */
export function wholeNumber (value: number): number {
  if (!Number.isSafeInteger(value)) throw new InvalidMessageError(`${value} in a message is too large`)
  return value
}

/**
 * Reads a repeated number, whether it is packed or not.
 *
 * @throws {@link InvalidMessageError} when the packed bytes end inside of a number
 */
export function readNumbers ({ value, bytes }: ProtobufField): number[] {
  if (value !== undefined) return [value]
  if (bytes === undefined) return []
  const numbers: number[] = []
  for (let at = 0; at < bytes.length;) {
    const read = readFieldVarint(bytes, at)
    numbers.push(read.value)
    at = read.next
  }
  return numbers
}

/** Writes a number or enum; nothing when it is 0, which is what an absent one means. */
export function encodeNumberField (number: number, value: number): Uint8Array[] {
  return value === 0 ? [] : encodePresentNumber(number, value)
}

/** Writes a number that is present even when it is 0. */
export function encodePresentNumber (number: number, value: number): Uint8Array[] {
  return [encodeVarint(number * 8 + varintType), encodeVarint(value)]
}

/** Writes a byte string that is present even when it is empty. */
export function encodeBytesField (number: number, bytes: Uint8Array): Uint8Array[] {
  return [encodeVarint(number * 8 + bytesType), encodeVarint(bytes.length), bytes]
}

/** Writes packed numbers; nothing when there are none. */
export function encodePackedField (number: number, values: readonly number[]): Uint8Array[] {
  return values.length === 0 ? [] : encodeBytesField(number, concat(values.map(encodeVarint)))
}

/** Bytes that a field of a byte string takes in front of its bytes. */
export function bytesFieldHeadLength (number: number, length: number): number {
  return varintLength(number * 8 + bytesType) + varintLength(length)
}

/** Puts parts behind one another. */
export function concat (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Puts parts behind one another, and their length in front of them. */
export function delimited (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const message = concat(parts)
  return concat([encodeVarint(message.length), message])
}

function readContent (message: Uint8Array, type: number, at: number): Omit<ProtobufField, 'number'> & { next: number } {
  if (type === varintType) {
    const { value, next } = readFieldVarint(message, at)
    return { value, bytes: undefined, next }
  }
  const start = type === bytesType ? readFieldVarint(message, at) : { value: fixedLength(type), next: at }
  const end = start.next + start.value
  if (end > message.length) throw new InvalidMessageError(`A protobuf field ends ${end - message.length} bytes after its message`)
  return { value: undefined, bytes: type === bytesType ? message.subarray(start.next, end) : undefined, next: end }
}

/**
 * Bytes of a field of fixed length.
 *
 * @throws {@link InvalidMessageError} when the wire type is another one
 */
export function fixedLength (type: number): number {
  if (type === fixed64Type) return 8
  if (type === fixed32Type) return 4
  throw new InvalidMessageError(`A protobuf field has wire type ${type}, which is not read`)
}
