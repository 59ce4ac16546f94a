import { expect, test } from 'vitest'
import { readBytesSource, readStreamSource } from '../../src/bundle/source-stream.ts'
import { InvalidArgumentError } from '../../src/errors.ts'
import { all } from './dags.ts'
import { generateBytes } from './unixfs-cases.ts'

test('gives bytes in pieces', async () => {
  const bytes = generateBytes(3, 2 * 1024 * 1024 + 7)
  const pieces = await all(readBytesSource(bytes, {}))
  expect(pieces.length).toBe(3)
  expect(Buffer.concat(pieces).equals(bytes)).toBe(true)
  expect(await all(readBytesSource(new Uint8Array(), {}))).toEqual([])
})

test('refuses a stream that gives anything but bytes, and ends it', async () => {
  let ended = false
  const stream = (async function * (): AsyncGenerator<Uint8Array> {
    try {
      yield 'text' as never
    } finally {
      ended = true
    }
  })()
  await expect(all(readStreamSource(stream, 'f', {}))).rejects.toThrow(InvalidArgumentError)
  expect(ended).toBe(true)
})

test('passes on what a stream throws', async () => {
  const error = new Error('of the host')
  const stream = (async function * (): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(1)
    throw error
  })()
  await expect(all(readStreamSource(stream, 'f', {}))).rejects.toBe(error)
})

test('does not wait for a silent stream once its signal is aborted', async () => {
  const abort = new AbortController()
  const reason = new Error('enough')
  const silent: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => ({ next: async () => new Promise(() => {}) }) }
  const read = all(readStreamSource(silent, 'f', { signal: abort.signal }))
  abort.abort(reason)
  await expect(read).rejects.toBe(reason)
})

test('refuses a stream that does not keep to the protocol of iterators, and ends it as far as it can', async () => {
  const end = (): never => { throw new Error('of the host') }
  const bad = [{ next: () => 5 }, { next: async () => await Promise.resolve(undefined) }, { next: () => ({ value: null }), return: end }]
  for (const iterator of bad) {
    const stream = { [Symbol.asyncIterator]: () => iterator } as unknown as AsyncIterable<Uint8Array>
    await expect(all(readStreamSource(stream, 'f', {}))).rejects.toThrow(InvalidArgumentError)
  }
})
