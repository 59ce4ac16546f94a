import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DataNodeError, InvalidMessageError, LimitExceededError } from '../../src/errors.ts'
import { BitswapDecoder } from '../../src/format/bitswap-decoder.ts'
import { encodeBitswapMessage, prefixOf } from '../../src/format/bitswap-message.ts'
import { concat, encodeBytesField, encodeNumberField } from '../../src/format/protobuf.ts'
import { encodeVarint } from '../../src/format/varint.ts'
import { bitswapEntryBytesMax, bitswapMessageBytesMax, bitswapPrefixBytesMax, blockBytesMax } from '../../src/limits.ts'
import { bitswapMessages, mutations } from './arbitraries.ts'
import { leaf } from './dags.ts'
import { mutate } from './vectors.ts'
import type { BitswapPart } from '../../src/format/bitswap-decoder.ts'
import type { BitswapMessage } from '../../src/format/bitswap-message.ts'

const cuts = fc.array(fc.nat(), { maxLength: 10 })

function cutAt (bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const borders = [0, ...places.map(place => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end))
}

function delimited (...parts: Uint8Array[]): Uint8Array {
  const message = concat(parts)
  return concat([encodeVarint(message.length), message])
}

/** Everything but the progress of blocks. */
function read (pieces: readonly Uint8Array[], keeps = (): boolean => true): BitswapPart[] {
  const decoder = new BitswapDecoder(keeps)
  return pieces.flatMap(piece => [...decoder.read(piece)]).filter(({ type }) => type !== 'data')
}

function partsOf ({ wants = [], blocks = [], presences = [] }: BitswapMessage): BitswapPart[] {
  return [
    ...wants.map((want): BitswapPart => ({ type: 'want', want })),
    ...(wants.length === 0 ? [] : [{ type: 'wants' as const, isFull: false }]),
    ...blocks.map(({ cid, bytes }): BitswapPart => ({ type: 'block', prefix: prefixOf(cid), bytes })),
    ...presences.map((presence): BitswapPart => ({ type: 'presence', presence }))
  ]
}

describe('BitswapDecoder', () => {
  it('gives what was encoded, of several messages and in pieces of any size', () => {
    fc.assert(fc.property(fc.array(bitswapMessages, { maxLength: 3 }), cuts, (messages, places) => {
      const bytes = concat(messages.flatMap(encodeBitswapMessage))
      expect(read(cutAt(bytes, places))).toEqual(messages.flatMap(partsOf))
    }))
  })

  it('gives each part as soon as its last byte has come', () => {
    const { cid, bytes } = leaf('block')
    const message = { wants: [{ cid, kind: 'have' as const, sendDontHave: true }], blocks: [{ cid, bytes }], presences: [{ cid, has: true }] }
    const all = concat(encodeBitswapMessage(message))
    const decoder = new BitswapDecoder(() => true)
    for (const byte of all.subarray(0, -1)) {
      expect([...decoder.read(Uint8Array.of(byte))].filter(({ type }) => type === 'presence')).toEqual([])
      expect(decoder.atStart).toBe(false)
    }
    expect([...decoder.read(all.subarray(-1))]).toEqual([{ type: 'presence', presence: message.presences[0] }])
    expect(decoder.atStart).toBe(true)
  })

  it('reads an empty message', () => {
    const decoder = new BitswapDecoder(() => true)
    expect([...decoder.read(Uint8Array.of(0, 0))]).toEqual([])
    expect(decoder.atStart).toBe(true)
  })

  it('says of a want list whether it is full, whether or not that stands before its entries', () => {
    const { cid } = leaf('block')
    const entry = concat(encodeBytesField(1, concat(encodeBytesField(1, cid.bytes))))
    const full = concat(encodeNumberField(2, 1))
    for (const list of [[entry, full], [full, entry]]) {
      expect(read([delimited(...encodeBytesField(1, concat(list)))]).at(-1)).toEqual({ type: 'wants', isFull: true })
    }
  })

  it('drops the data of a block that is not to be kept, and says how much there was', () => {
    const { cid, bytes } = leaf(new Uint8Array(100_000))
    const asked: number[] = []
    const decoder = new BitswapDecoder((length) => {
      asked.push(length)
      return false
    })
    const parts = cutAt(concat(encodeBitswapMessage({ blocks: [{ cid, bytes }] })), [50_000]).flatMap(piece => [...decoder.read(piece)])
    expect(asked).toEqual([100_000])
    expect(parts.every(part => part.type === 'data' && !part.isKept)).toBe(true)
    expect(parts.reduce((sum, part) => sum + (part.type === 'data' ? part.length : 0), 0)).toBe(100_000)
  })

  it('gives a block without a prefix, and passes over a prefix without a block', () => {
    const payload = (...fields: Uint8Array[]): Uint8Array => delimited(...encodeBytesField(3, concat(fields)))
    expect(read([payload(...encodeBytesField(2, Uint8Array.of(7)))]))
      .toEqual([{ type: 'block', prefix: new Uint8Array(), bytes: Uint8Array.of(7) }])
    expect(read([payload(...encodeBytesField(1, Uint8Array.of(7)))])).toEqual([])
    expect(read([payload(...encodeBytesField(2, new Uint8Array()), ...encodeBytesField(1, Uint8Array.of(1)))]))
      .toEqual([{ type: 'block', prefix: Uint8Array.of(1), bytes: new Uint8Array() }])
  })

  it('passes over fields that are not known, blocks without a prefix and bytes of fixed length', () => {
    const unknown = concat([...encodeBytesField(2, new Uint8Array(50)), ...encodeNumberField(5, 9), ...encodeBytesField(99, new Uint8Array(9)),
      Uint8Array.of(6 * 8 + 1, 1, 2, 3, 4, 5, 6, 7, 8, 6 * 8 + 5, 1, 2, 3, 4)])
    const { cid } = leaf('block')
    const presence = encodeBytesField(4, concat(encodeBytesField(1, cid.bytes)))
    expect(read([delimited(unknown, ...presence, unknown)])).toEqual([{ type: 'presence', presence: { cid, has: true } }])
  })

  it('reads an entry of the largest size, and passes over a larger one', () => {
    const { cid } = leaf('block')
    const entryOf = (length: number): Uint8Array => {
      const head = concat(encodeBytesField(1, cid.bytes))
      return concat([head, ...encodeBytesField(9, new Uint8Array(length - head.length - 3))])
    }
    const listOf = (entry: Uint8Array): Uint8Array => delimited(...encodeBytesField(1, concat(encodeBytesField(1, entry))))
    expect(entryOf(bitswapEntryBytesMax)).toHaveLength(bitswapEntryBytesMax)
    expect(read([listOf(entryOf(bitswapEntryBytesMax))]).map(({ type }) => type)).toEqual(['want', 'wants'])
    expect(read([listOf(entryOf(bitswapEntryBytesMax + 1))]).map(({ type }) => type)).toEqual(['wants'])
  })

  it('takes a message, a block and a prefix as large as allowed, and refuses larger ones before they have come', () => {
    const head = (field: number, length: number): Uint8Array => concat([encodeVarint(field * 8 + 2), encodeVarint(length)])
    expect(read([encodeVarint(bitswapMessageBytesMax)])).toEqual([])
    expect(() => read([encodeVarint(bitswapMessageBytesMax + 1)])).toThrow(LimitExceededError)
    const start = concat([encodeVarint(bitswapMessageBytesMax), head(3, bitswapMessageBytesMax - 100)])
    expect(read([start, head(2, blockBytesMax)])).toEqual([])
    expect(() => read([start, head(2, blockBytesMax + 1)])).toThrow(LimitExceededError)
    expect(read([start, head(1, bitswapPrefixBytesMax)])).toEqual([])
    expect(() => read([start, head(1, bitswapPrefixBytesMax + 1)])).toThrow(LimitExceededError)
  })

  it.each([
    ['a field that ends after its message', delimited(Uint8Array.of(10, 5, 10, 2, 1))],
    ['an entry that ends after its want list', delimited(Uint8Array.of(10, 2, 10, 9), new Uint8Array(20))],
    ['a message that ends in a key', delimited(Uint8Array.of(0x80))],
    ['a message that ends before a length', delimited(Uint8Array.of(10))],
    ['a want list that ends in a number', delimited(Uint8Array.of(10, 2, 16, 0x80), Uint8Array.of(1))],
    ['a field with number 0', delimited(Uint8Array.of(2, 0))],
    ['a group', delimited(Uint8Array.of(11))],
    ['a number of eleven bytes', delimited(Uint8Array.of(40, ...Array<number>(11).fill(255)))],
    ['a want that names no block', delimited(Uint8Array.of(10, 2, 10, 0))]
  ])('refuses %s', (_, bytes) => {
    expect(() => read([bytes])).toThrow(InvalidMessageError)
  })

  it('asks whether to keep only what ends within its message', () => {
    const tooLong = delimited(...encodeBytesField(3, concat([encodeVarint(18), encodeVarint(1 << 20)])))
    let asked = 0
    expect(() => read([tooLong], () => ++asked > 0)).toThrow(InvalidMessageError)
    expect(asked).toBe(0)
  })

  it('gives parts or a typed error for any bytes', () => {
    const check = (bytes: Uint8Array, places: readonly number[]): void => {
      try {
        read(cutAt(bytes, places))
      } catch (error) {
        expect(error).toBeInstanceOf(DataNodeError)
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), cuts, check))
    fc.assert(fc.property(bitswapMessages, mutations, cuts, (message, changes, places) => {
      check(mutate(concat(encodeBitswapMessage(message)), changes), places)
    }))
  })
})
