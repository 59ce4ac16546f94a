import { describe, expect, it } from 'vitest'
import { openByteSource, pieceOf } from '../../src/bundle/byte-source.ts'
import type { ByteSource } from '../../src/interface/source.ts'

const piece = Uint8Array.of(1, 2)

describe('openByteSource', () => {
  it.each<[string, () => ByteSource]>([
    ['an array', () => [piece]],
    ['a generator', () => (function * () { yield piece })()],
    ['an asynchronous generator', () => (async function * () { yield await Promise.resolve(piece) })()],
    ['a stream of the web', () => new Blob([piece]).stream()]
  ])('reads %s', async (_, make) => {
    const source = openByteSource(make())
    expect(pieceOf(await source.next())).toEqual(piece)
    expect(pieceOf(await source.next())).toBeUndefined()
  })

  it('says that no more is needed', async () => {
    const source = openByteSource([piece])
    await source.cancel(undefined)
    let reason: unknown
    await openByteSource(new ReadableStream<Uint8Array>({ cancel: given => { reason = given } })).cancel('enough')
    expect(reason).toBe('enough')
  })

  it('refuses what gives no pieces, and streams that somebody reads', () => {
    for (const value of [piece, 'x', 5, null, {}]) expect(() => openByteSource(value as never)).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
    const stream = new Blob([piece]).stream()
    stream.getReader()
    expect(() => openByteSource(stream)).toThrow(/not locked/)
  })
})

it.each([{ value: 5 }, { value: 'x' }, undefined, 5])('refuses the piece %j', result => {
  expect(() => pieceOf(result)).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
})
