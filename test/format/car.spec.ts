import { CarReader, CarWriter } from '@ipld/car'
import { encode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { DataNodeError, InvalidMessageError, LimitExceededError } from '../../src/errors.ts'
import { CarDecoder } from '../../src/format/car.ts'
import { encodeCarHeader, encodeCarSectionHead } from '../../src/format/car-sections.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { concat } from '../../src/format/protobuf.ts'
import { encodeVarint } from '../../src/format/varint.ts'
import { blockBytesMax, carHeaderBytesMax, cidBytesMax } from '../../src/limits.ts'
import { mutations } from './arbitraries.ts'
import { branch, leaf } from './dags.ts'
import { mutate, readVectors } from './vectors.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import type { CarBlock } from '../../src/format/car-sections.ts'
import type { Block } from './dags.ts'

const vectors = readVectors('car') as {
  valid: { name: string, bytes: Hex, root: string, blocks: { cid: string, bytes: Hex }[] }[]
  invalid: { name: string, bytes: Hex }[]
}

function encodeCar (root: CID, blocks: readonly Block[]): Uint8Array {
  return concat([encodeCarHeader(root), ...blocks.flatMap(({ cid, bytes }) => [encodeCarSectionHead(cid, bytes.length), bytes])])
}

/** Cuts bytes at these places. */
function cutAt (bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const borders = [0, ...cuts.map(cut => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end))
}

function decodeCar (pieces: readonly Uint8Array[]): { roots: string[], blocks: CarBlock[] } {
  const decoder = new CarDecoder()
  const blocks = pieces.flatMap(piece => decoder.push(piece))
  decoder.end()
  return { roots: (decoder.roots ?? []).map(String), blocks }
}

async function writeWithOther (root: CID, blocks: readonly Block[]): Promise<Uint8Array> {
  const { writer, out } = CarWriter.create([root])
  const pieces: Uint8Array[] = []
  const collected = (async () => { for await (const piece of out) pieces.push(piece) })()
  for (const block of blocks) await writer.put(block)
  await writer.close()
  await collected
  return concat(pieces)
}

const someBlocks = fc.array(fc.uint8Array({ maxLength: 300 }).map(leaf), { maxLength: 6 })
const cuts = fc.array(fc.nat(), { maxLength: 12 })

describe('CAR', () => {
  it.each(vectors.valid)('is written and read as @ipld/car does: $name', ({ bytes, root, blocks }) => {
    const decoded = decodeCar([fromHex(bytes)])
    expect(decoded.roots).toEqual([root])
    expect(decoded.blocks.map(block => ({ cid: block.cid.toString(), bytes: toHex(block.bytes) }))).toEqual(blocks)
    expect(toHex(encodeCar(CID.parse(root), decoded.blocks))).toBe(bytes)
  })

  it.each(vectors.invalid)('is refused: $name', ({ bytes }) => {
    expect(() => decodeCar([fromHex(bytes)])).toThrow(InvalidMessageError)
    expect(() => decodeCar(cutAt(fromHex(bytes), [1, 2, 3, 40, 61, 62, 63]))).toThrow(InvalidMessageError)
  })

  it('is read by @ipld/car', async () => {
    await fc.assert(fc.asyncProperty(someBlocks, async (blocks) => {
      const root = branch(blocks)
      const reader = await CarReader.fromBytes(encodeCar(root.cid, [root, ...blocks]))
      expect((await reader.getRoots()).map(String)).toEqual([root.cid.toString()])
      const read: string[] = []
      for await (const { cid, bytes } of reader.blocks()) read.push(`${cid.toString()} ${toHex(bytes)}`)
      expect(read).toEqual([root, ...blocks].map(({ cid, bytes }) => `${cid.toString()} ${toHex(bytes)}`))
    }), { numRuns: 30 })
  })

  it('is read as @ipld/car wrote it, in pieces of any size', async () => {
    await fc.assert(fc.asyncProperty(someBlocks, cuts, async (blocks, places) => {
      const root = branch(blocks)
      const car = await writeWithOther(root.cid, [root, ...blocks])
      const decoded = decodeCar(cutAt(car, places))
      expect(decoded.blocks.map(({ cid, bytes }) => `${cid.toString()} ${toHex(bytes)}`))
        .toEqual([root, ...blocks].map(({ cid, bytes }) => `${cid.toString()} ${toHex(bytes)}`))
      for (const { bytes, offset } of decoded.blocks) expect(car.subarray(offset, offset + bytes.length)).toEqual(bytes)
    }), { numRuns: 100 })
  })

  it('gives the same blocks whether it comes at once or byte by byte', () => {
    const root = branch([leaf('a'), leaf('')])
    const car = encodeCar(root.cid, [root, leaf('a'), leaf('')])
    const bytewise = decodeCar([...car].map(byte => Uint8Array.of(byte)))
    expect(bytewise).toEqual(decodeCar([car]))
  })

  it('copies no block that comes in one piece', () => {
    const block = leaf('some bytes')
    const car = encodeCar(block.cid, [block])
    expect(decodeCar([car]).blocks[0]?.bytes.buffer).toBe(car.buffer)
  })

  it('gives CIDs that do not hold on to what was pushed, not even of a Buffer', () => {
    const block = leaf('some bytes')
    const car = Buffer.from(encodeCar(block.cid, [block]))
    expect(decodeCar([car]).blocks[0]?.cid.bytes.buffer).not.toBe(car.buffer)
  })

  it('takes a block as large as allowed and refuses a larger one at its first bytes', () => {
    const { cid } = leaf('')
    const sectionOf = (bytes: number): Uint8Array => concat([encodeCarHeader(cid), encodeCarSectionHead(cid, bytes)])
    const decoder = new CarDecoder()
    decoder.push(sectionOf(blockBytesMax))
    expect(decoder.push(new Uint8Array(blockBytesMax))[0]?.bytes).toHaveLength(blockBytesMax)
    const refused = new CarDecoder()
    expect(() => { refused.push(concat([sectionOf(blockBytesMax + 1), new Uint8Array(cidBytesMax)])) }).toThrow(LimitExceededError)
    expect(() => { new CarDecoder().push(concat([encodeCarHeader(cid), encodeVarint(cidBytesMax + blockBytesMax + 1)])) })
      .toThrow(LimitExceededError)
  })

  it('takes a header as large as allowed and refuses a larger one', () => {
    const { cid } = leaf('')
    const headerOf = (roots: number): Uint8Array => encode({ roots: Array.from({ length: roots }, () => cid), version: 1 })
    const allowed = headerOf(24)
    expect(allowed.length).toBeLessThanOrEqual(carHeaderBytesMax)
    expect(decodeCar([encodeVarint(allowed.length), allowed]).roots).toHaveLength(24)
    expect(() => decodeCar([encodeVarint(carHeaderBytesMax)])).toThrow(InvalidMessageError)
    expect(() => decodeCar([encodeVarint(carHeaderBytesMax + 1)])).toThrow(LimitExceededError)
  })

  it('names version 2, which starts with a header that says only that, and says what to do', () => {
    expect(() => decodeCar([fromHex('0x0aa16776657273696f6e02'), new Uint8Array(40)])).toThrow(/version 2 .* version 1/)
  })

  it('refuses a CID that is larger than allowed', () => {
    const digest = new Uint8Array(cidBytesMax)
    const cid = Uint8Array.from([1, 0x55, 0x12, digest.length, ...digest])
    expect(() => decodeCar([encodeCarHeader(leaf('').cid), encodeVarint(cid.length), cid])).toThrow(InvalidMessageError)
  })

  it.each([
    ['version 0 written out', (digest: Uint8Array) => [0, 0x70, 0x12, 32, ...digest]],
    ['a codec that is longer than it needs to be', (digest: Uint8Array) => [1, 0xd5, 0, 0x12, 32, ...digest]],
    ['a hash that is longer than it needs to be', (digest: Uint8Array) => [1, 0x55, 0x92, 0, 32, ...digest]]
  ])('refuses a CID in another form than its shortest: %s', (_, write) => {
    const { cid, bytes } = leaf('block')
    const section = Uint8Array.from([...write(cid.multihash.digest), ...bytes])
    expect(() => decodeCar([encodeCarHeader(cid), encodeVarint(section.length), section])).toThrow(InvalidMessageError)
  })

  it('is refused or read, never anything else, when it is damaged', () => {
    const root = branch([leaf('a'), leaf('b')])
    const car = encodeCar(root.cid, [root, leaf('a'), leaf('b')])
    fc.assert(fc.property(mutations, cuts, (changes, places) => {
      try {
        decodeCar(cutAt(mutate(car, changes), places))
      } catch (error) {
        expect(error).toBeInstanceOf(DataNodeError)
      }
    }), { numRuns: 2000 })
  })
})
