import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { PieceReader } from '../../src/bundle/piece-reader.ts'
import { InvalidArgumentError, TimedOutError } from '../../src/errors.ts'
import type { ByteSource } from '../../src/interface/source.ts'

const stallTimeoutMs = 20_000
const pieces = [Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3)]

async function readAll (source: ByteSource): Promise<number[]> {
  const reader = new PieceReader(source)
  const bytes: number[] = []
  for (let piece = await reader.next({ stallTimeoutMs }); piece !== undefined; piece = await reader.next({ stallTimeoutMs })) {
    expect(piece.byteLength).toBeGreaterThan(0)
    bytes.push(...piece)
  }
  return bytes
}

async function * generate (): AsyncGenerator<Uint8Array> {
  yield * pieces
}

test.for<[string, () => ByteSource]>([
  ['an array', () => pieces],
  ['a generator', generate],
  ['a stream of Node.js', () => Readable.from(pieces)],
  ['a stream of the web', () => new ReadableStream({ start (controller) { for (const piece of pieces) controller.enqueue(piece); controller.close() } })],
  ['the body of a response', () => new Response(Uint8Array.of(1, 2, 3)).body ?? []],
  ['the stream of a blob', () => new Blob([Uint8Array.of(1, 2, 3)]).stream()],
  ['nothing', () => []]
])('reads %s to its end, without empty pieces', async ([name, make]) => {
  expect(await readAll(make())).toEqual(name === 'nothing' ? [] : [1, 2, 3])
})

test.for<[string, unknown]>([
  ['text', 'file.car'], ['bytes that are not in a list', new Uint8Array(3)], ['nothing', undefined], ['null', null], ['an object', {}], ['a number', 7]
])('refuses %s as a source', ([, source]) => {
  expect(() => new PieceReader(source as ByteSource)).toThrow(InvalidArgumentError)
})

test('refuses a stream that somebody else is reading', () => {
  const stream = new Blob([]).stream()
  stream.getReader()
  expect(() => new PieceReader(stream)).toThrow(/not locked/)
})

test.for<[string, unknown]>([['text', 'x'], ['a number', 7], ['nothing', undefined]])('refuses a piece that is %s', async ([, piece]) => {
  await expect(new PieceReader([piece] as Uint8Array[]).next({ stallTimeoutMs })).rejects.toThrow(InvalidArgumentError)
})

test('passes on what the source throws, and does not end it then', async () => {
  const reason = new Error('broken')
  let ended = 0
  const reader = new PieceReader({
    [Symbol.asyncIterator]: () => ({
      next: async () => { throw reason },
      return: async () => { ended++; return { done: true as const, value: undefined } }
    })
  })
  await expect(reader.next({ stallTimeoutMs })).rejects.toBe(reason)
  reader.cancel()
  expect(ended).toBe(0)
})

describe('a source that gives nothing', () => {
  /** Sources that never give a byte, and say when they are ended. */
  const silent: [string, () => { source: ByteSource, ended: Promise<unknown> }][] = [
    ['an iterator', () => {
      const { promise: ended, resolve } = Promise.withResolvers()
      const iterator: AsyncIterator<Uint8Array> = {
        next: async () => new Promise(() => {}),
        return: async () => { resolve(undefined); return { done: true, value: undefined } }
      }
      return { source: { [Symbol.asyncIterator]: () => iterator }, ended }
    }],
    ['a stream of Node.js', () => {
      const source = new Readable({ read: () => undefined })
      return { source, ended: new Promise(resolve => { source.once('close', resolve) }) }
    }],
    ['a stream of the web', () => {
      const { promise: ended, resolve } = Promise.withResolvers()
      return { source: new ReadableStream({ cancel: resolve }), ended }
    }],
    ['an endless list of empty pieces', () => {
      const { promise: ended, resolve } = Promise.withResolvers()
      const source = (function * (): Generator<Uint8Array> {
        try { for (;;) yield new Uint8Array() } finally { resolve(undefined) }
      })()
      return { source, ended }
    }]
  ]

  test.for(silent)('is given up in time: %s', async ([, make]) => {
    const { source, ended } = make()
    const reader = new PieceReader(source)
    const error = await reader.next({ stallTimeoutMs: 5 }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(TimedOutError)
    expect(error).toMatchObject({ details: { stallTimeoutMs: 5 } })
    reader.cancel()
    await ended
  })

  test.for(silent)('is left at once with the reason of the signal, and is ended: %s', async ([, make]) => {
    const { source, ended } = make()
    const reader = new PieceReader(source)
    const abort = new AbortController()
    const reason = new Error('enough')
    const read = reader.next({ stallTimeoutMs, signal: abort.signal })
    abort.abort(reason)
    await expect(read).rejects.toBe(reason)
    reader.cancel()
    reader.cancel()
    await ended
  })
})

test('does not end a source that was read to its end', async () => {
  let cancelled = 0
  const source = new ReadableStream<Uint8Array>({ start (controller) { controller.close() }, cancel () { cancelled++ } })
  const reader = new PieceReader(source)
  expect(await reader.next({ stallTimeoutMs })).toBeUndefined()
  reader.cancel()
  expect(cancelled).toBe(0)
})
