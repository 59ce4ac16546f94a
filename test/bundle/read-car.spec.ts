import { gzipSync } from 'node:zlib'
import { encode as encodeCbor } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { describe, expect, test } from 'vitest'
import { PieceReader } from '../../src/bundle/piece-reader.ts'
import { checkAnnounced, readCar } from '../../src/bundle/read-car.ts'
import { InvalidDagError, InvalidMessageError, InvalidReferenceError, LimitExceededError, MismatchError } from '../../src/errors.ts'
import { encodeCarHeader, encodeCarSectionHead } from '../../src/format/car-sections.ts'
import { encodeVarint } from '../../src/format/varint.ts'
import { blockBytesMax, carHeaderBytesMax, carPieceBytesMin, cidBytesMax } from '../../src/limits.ts'
import { carOf, cut, sectionsOf, strayBlock } from './cars.ts'
import { TestDag } from './dags.ts'
import type { Section } from './cars.ts'
import type { ImportCarOptions } from '../../src/interface/options.ts'
import type { CarProgress } from '../../src/interface/progress.ts'
import type { ByteSource } from '../../src/interface/source.ts'

const dag = new TestDag()
const root = dag.directory([{ name: 'a', cid: dag.raw('hello'), size: 5 }, { name: 'b', cid: dag.raw('world'), size: 5 }])
const sections = sectionsOf(dag)
const car = await carOf([root], sections)

/** Reads a CAR into a map. */
async function read (source: ByteSource, options: ImportCarOptions = {}): Promise<{ root: CID, blocks: Map<string, Uint8Array> }> {
  const blocks = new Map<string, Uint8Array>()
  const found = await readCar(new PieceReader(source), { put: async (cid, bytes) => { blocks.set(cid.toString(), bytes) } }, options)
  return { root: found, blocks }
}

async function refused (source: ByteSource, error: new (...args: never[]) => Error, options: ImportCarOptions = {}): Promise<Error> {
  const reason: unknown = await read(source, options).catch((reason: unknown) => reason)
  expect(reason).toBeInstanceOf(error)
  return reason as Error
}

test('gives the root, and every block once or more, in pieces of any size', async () => {
  await fc.assert(fc.asyncProperty(fc.shuffledSubarray(sections, { minLength: 1 }), fc.integer({ min: 1, max: 300 }), async (some, pieceBytes) => {
    const found = await read(cut(await carOf([root], [...some, ...some]), pieceBytes))
    expect(found.root.toString()).toBe(root.toString())
    expect(new Map(found.blocks)).toEqual(new Map(some.map(({ cid, bytes }) => [cid.toString(), new Uint8Array(bytes)])))
  }), { numRuns: 50 })
})

test('makes a root of version 0 one of version 1', async () => {
  const root0 = CID.createV0(root.multihash as Parameters<typeof CID.createV0>[0])
  expect((await read([await carOf([root0], sections)])).root.toString()).toBe(root.toString())
  expect((await read([await carOf([root0], sections)], { root: root0 })).root.toString()).toBe(root.toString())
})

test('keeps nothing of the memory of a piece, which its source may use again', async () => {
  const buffer = new Uint8Array(car)
  const { blocks } = await read((function * () {
    yield buffer
    buffer.fill(0)
  })())
  expect([...blocks.values()].map(bytes => Buffer.from(bytes).toString('hex')).sort())
    .toEqual(sections.map(({ bytes }) => Buffer.from(bytes).toString('hex')).sort())
})

test('takes the root that is expected, and refuses every other one before any block', async () => {
  expect((await read([car], { root: `ipfs://${root.toString()}` })).root.toString()).toBe(root.toString())
  const other = dag.directory([])
  let puts = 0
  const reading = readCar(new PieceReader([car]), { put: async () => { puts++ } }, { root: other })
  await expect(reading).rejects.toMatchObject({ details: { expected: other.toString(), actual: root.toString() } })
  await refused([car], MismatchError, { root: other })
  expect(puts).toBe(0)
})

describe('refuses', () => {
  test('a CAR without a root, and one with several, and says so', async () => {
    expect((await refused([await carOf([], sections)], InvalidMessageError)).message).toContain('no root')
    expect((await refused([await carOf([root, dag.directory([])], sections)], InvalidMessageError)).message).toContain('2 roots')
    expect((await refused([await carOf([root, root], sections)], InvalidMessageError)).message).toContain('2 roots')
  })

  test('a root that no bundle has', async () => {
    await refused([await carOf([dag.raw('hello')], sections)], InvalidReferenceError)
  })

  test.for([1, 5, 1000])('compressed bytes in pieces of %i, and says how to decompress them', async pieceBytes => {
    expect((await refused(cut(gzipSync(car), pieceBytes), InvalidMessageError)).message).toContain('gunzip')
  })

  test('a CAR of version 2, and says what to do', async () => {
    const pragma = Buffer.from('0aa16776657273696f6e02', 'hex')
    expect((await refused([Buffer.concat([pragma, new Uint8Array(40), car])], InvalidMessageError)).message).toMatch(/version 2 .*export it as version 1/)
  })

  test.for<[string, Uint8Array]>([
    ['nothing', new Uint8Array()], ['text', Buffer.from('<!doctype html><title>Not found</title>')], ['zeros', new Uint8Array(100)],
    ['a header that is not dag-cbor', Buffer.concat([encodeVarint(3), Buffer.from('abc')])]
  ])('%s', async ([, bytes]) => {
    await refused([bytes], InvalidMessageError)
  })

  test('a CAR that was cut off inside a header or block, wherever', async () => {
    const borders = new Set([0])
    let at = encodeCarHeader(root).length
    for (const { cid, bytes } of [undefined, ...sections].map(section => section ?? { cid: undefined, bytes: new Uint8Array() })) {
      at += cid === undefined ? 0 : encodeCarSectionHead(cid, bytes.length).length + bytes.length
      borders.add(at)
    }
    for (let length = 0; length < car.length; length++) {
      const cutOff = [car.subarray(0, length)]
      if (borders.has(length) && length > 0) await read(cutOff)
      else await refused(cutOff, InvalidMessageError)
      // Where nobody could see it from the blocks alone.
      await refused(cutOff, InvalidMessageError, { bytesTotal: car.length })
    }
  })

  test('more bytes than announced, and takes exactly as many', async () => {
    await read([car], { bytesTotal: car.length })
    expect((await refused([car], InvalidMessageError, { bytesTotal: car.length - 1 })).message).toContain(`${car.length - 1} bytes`)
    await refused([car, Uint8Array.of(0)], InvalidMessageError, { bytesTotal: car.length })
  })

  test('more bytes than allowed, and takes exactly as many', async () => {
    await read([car], { bytesMax: car.length })
    expect(await refused([car], LimitExceededError, { bytesMax: car.length - 1 })).toMatchObject({
      details: { limit: 'bytesMax', max: car.length - 1, actual: car.length }
    })
    expect(() => { checkAnnounced({ bytesTotal: 8, bytesMax: 7 }) }).toThrow(LimitExceededError)
    checkAnnounced({ bytesTotal: 7, bytesMax: 7 })
  })

  test('an endless source at its first byte too many', async () => {
    let given = 0
    await refused((function * () {
      yield car
      for (;;) {
        given++
        yield Buffer.concat(sections.map(({ cid, bytes }) => Buffer.concat([encodeCarSectionHead(cid, bytes.length), bytes])))
      }
    })(), LimitExceededError, { bytesMax: 100_000 })
    expect(given).toBeLessThan(1000)
  })

  test('a huge header or section at its length, without waiting for it', async () => {
    const withLength = (...parts: Uint8Array[]): ByteSource => (function * () {
      yield Buffer.concat(parts)
      throw new Error('read on')
    })()
    await refused(withLength(encodeVarint(carHeaderBytesMax + 1)), LimitExceededError)
    await refused(withLength(encodeCarHeader(root), encodeVarint(cidBytesMax + blockBytesMax + 1)), LimitExceededError)
    await refused(withLength(encodeCarHeader(root), encodeVarint(2 ** 28 - 1)), LimitExceededError)
    await refused(withLength(encodeCarHeader(root), encodeVarint(2 ** 52)), InvalidMessageError)
  })

  test('a header with more than a CAR of one root needs, but not because of what else it says', async () => {
    const header = encodeCbor({ roots: [root], version: 1, comment: 'x' })
    expect((await read([encodeVarint(header.length), header])).root.toString()).toBe(root.toString())
  })

  test('a block that does not hash to its CID, and says where it is', async () => {
    for (const { cid } of sections) {
      const damaged = sections.map(section => section.cid !== cid ? section : { cid, bytes: flipped(section.bytes) })
      const error: unknown = await refused(cut(await carOf([root], damaged), 7), InvalidMessageError)
      expect(error).toMatchObject({ details: { cid: cid.toString() } })
      const { details: { offset, bytes } } = error as { details: { offset: number, bytes: number } }
      const found = (await carOf([root], damaged)).subarray(offset, offset + bytes)
      expect(found.equals(damaged.find(section => section.cid === cid)?.bytes ?? new Uint8Array())).toBe(true)
    }
  })

  test('a second copy of a block that is damaged', async () => {
    const [first] = sections
    if (first === undefined) throw new Error('no block')
    await refused([await carOf([root], [...sections, { cid: first.cid, bytes: flipped(first.bytes) }])], InvalidMessageError)
  })

  test.for<[string, Section]>([
    ['an identity hash', { cid: CID.createV1(0x55, identity.digest(Buffer.from('hi'))), bytes: Buffer.from('hi') }],
    ['another hash', strayBlock('hi', 0x13)],
    ['another codec', { cid: CID.createV1(0x71, strayBlock('hi').cid.multihash), bytes: Buffer.from('hi') }]
  ])('a block that is named by %s', async ([, block]) => {
    await refused([await carOf([root], [...sections, block])], InvalidDagError)
  })
})

test('tells how far it is, also when all of it comes at once', async () => {
  const large = Array.from({ length: 5 }, (_, index) => strayBlock(new Uint8Array(carPieceBytesMin).fill(index)))
  const bytes = await carOf([root], [...large, ...sections])
  const details: CarProgress[] = []
  await read([bytes], {
    bytesTotal: bytes.length,
    onProgress: event => { if (event.type === 'datanode:import:progress') details.push(event.detail) }
  })
  expect(details.map(({ blocksDone }) => blocksDone)).toEqual([1, 2, 3, 4, 5, 5 + sections.length])
  expect(details.at(-1)).toEqual({ blocksDone: 5 + sections.length, bytesDone: bytes.length, bytesTotal: bytes.length })
})

test('lets the signal through, also when all of it comes at once', async () => {
  const abort = new AbortController()
  const reason = new Error('enough')
  const block = strayBlock(new Uint8Array(carPieceBytesMin))
  const bytes = await carOf([root], Array.from({ length: 100 }, () => block))
  setImmediate(() => { abort.abort(reason) })
  let blocksDone = 0
  await expect(read([bytes], { signal: abort.signal, onProgress: () => { blocksDone++ } })).rejects.toBe(reason)
  expect(blocksDone).toBeLessThan(100)
})

function flipped (bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, index) => index === bytes.length - 1 ? byte ^ 1 : byte)
}
