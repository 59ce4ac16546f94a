/**
 * Thrift's compact protocol, as far as Parquet uses it, for bytes from outside: lists are no longer than their bytes, numbers no
 * longer than their type, and structures no deeper than 16. Whoever decodes the same bytes after this is not led astray.
 *
 * ```
 * struct  field* 0x00          field: (delta of its id << 4 | type), or type and the id as a zigzag varint
 * list    (size << 4 | type), or 0xf0 | type and the size as a varint; then its items
 * binary  its length as a varint; then its bytes
 * ```
 */
import { InvalidTableError } from '../errors.ts'
import { thriftDepthMax } from '../limits.ts'

/** A value: bytes are a view of what was read. */
export type ThriftValue = boolean | number | bigint | Uint8Array | ThriftValue[] | ThriftStruct

/** Values by the ids of their fields. */
export type ThriftStruct = Map<number, ThriftValue>

const [booleanTrue, booleanFalse, byte, int16, int32, int64, double, binary, list, struct] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12]

/** A structure or list of which not everything is read. */
type Frame = { struct: ThriftStruct, id: number } | { items: ThriftValue[], type: number, left: number }

/**
 * Reads one structure.
 *
 * @param start - where it starts in the bytes
 * @returns it, and where it ends
 * @throws {@link InvalidTableError} when the bytes are not one, or it has more than `valuesMax` values
 */
export function readThrift (bytes: Uint8Array, start: number, valuesMax: number): { struct: ThriftStruct, end: number } {
  const reader = new ThriftReader(bytes, start)
  const root: ThriftStruct = new Map()
  const open: Frame[] = [{ struct: root, id: 0 }]
  let values = 0
  for (let frame = open.at(-1); frame !== undefined; frame = open.at(-1)) {
    const type = reader.nextType(frame)
    if (type === undefined) {
      open.pop()
      continue
    }
    if (++values > valuesMax) throw malformed(`it has more than ${valuesMax} values`)
    const below = openContainer(reader, type)
    put(frame, below === undefined ? reader.scalar(type, 'items' in frame) : 'items' in below ? below.items : below.struct)
    if (below === undefined) continue
    if (open.length >= thriftDepthMax) throw malformed(`it is nested more than ${thriftDepthMax} deep`)
    open.push(below)
  }
  return { struct: root, end: reader.at }
}

function openContainer (reader: ThriftReader, type: number): Frame | undefined {
  if (type === struct) return { struct: new Map(), id: 0 }
  return type === list ? reader.openList() : undefined
}

function put (frame: Frame, value: ThriftValue): void {
  if ('items' in frame) frame.items.push(value)
  else frame.struct.set(frame.id, value)
}

class ThriftReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  at: number

  constructor (bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.at = at
  }

  /** The type of what comes next in a frame; undefined at its end. */
  nextType (frame: Frame): number | undefined {
    if ('items' in frame) return frame.left-- > 0 ? frame.type : undefined
    const head = this.#byte()
    if (head === 0) return undefined
    const delta = head >> 4
    frame.id = delta === 0 ? this.#zigzag(32) : frame.id + delta
    return head & 15
  }

  openList (): Frame {
    const head = this.#byte()
    const left = head >> 4 === 15 ? Number(this.#varint(32)) : head >> 4
    this.#require(left)
    return { items: [], type: head & 15, left }
  }

  scalar (type: number, isItem: boolean): ThriftValue {
    switch (type) {
      case booleanTrue:
      case booleanFalse: return isItem ? this.#byte() === 1 : type === booleanTrue
      case byte: return this.#byte() << 24 >> 24
      case int16:
      case int32: return this.#zigzag(32)
      case int64: return this.#zigzagBigint()
      case double: return this.#view.getFloat64(this.#skip(8), true)
      case binary: {
        const length = Number(this.#varint(32))
        const start = this.#skip(length)
        return this.#bytes.subarray(start, start + length)
      }
      default: throw malformed(`it has a value of type ${type}`)
    }
  }

  #byte (): number {
    return this.#bytes[this.#skip(1)] ?? 0
  }

  #zigzag (bits: 32): number {
    const value = Number(this.#varint(bits))
    return (value >>> 1) ^ -(value & 1)
  }

  #zigzagBigint (): bigint {
    const value = this.#varint(64)
    return (value >> 1n) ^ -(value & 1n)
  }

  #varint (bits: 32 | 64): bigint {
    let value = 0n
    for (let shift = 0; shift < bits; shift += 7) {
      const next = this.#byte()
      value |= BigInt(next & 127) << BigInt(shift)
      if (next < 128) {
        if (value >> BigInt(bits) !== 0n) break
        return value
      }
    }
    throw malformed(`it has a number of more than ${bits} bits`)
  }

  #skip (count: number): number {
    this.#require(count)
    const { at } = this
    this.at += count
    return at
  }

  #require (count: number): void {
    if (count > this.#bytes.byteLength - this.at) throw malformed('it ends too early')
  }
}

function malformed (problem: string): InvalidTableError {
  return new InvalidTableError(`A structure of Parquet cannot be read: ${problem}`)
}
