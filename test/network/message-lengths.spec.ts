import { LengthPrefixedDecoder } from '@libp2p/utils'
import { describe, expect, it } from 'vitest'
import { Uint8ArrayList } from 'uint8arraylist'
import { readLengths } from '../../src/network/message-lengths.ts'

const lengthDecoder = (): number => { throw new Error('not replaced') }

/** Decodes as a connection does. */
function decoder (): LengthPrefixedDecoder {
  // Its own would be called, and throw.
  const made = new LengthPrefixedDecoder({ lengthDecoder, encodingLength: () => 2, maxDataLength: 65_535 })
  expect(readLengths({ decoder: made })).toBe(true)
  return made
}

describe('readLengths', () => {
  it.each([1, 2, 3, 7, 1000])('finds messages of every length in pieces of %i bytes, without an error for what has not come', (size) => {
    const lengths = [1, 255, 256, 4_660, 65_535]
    const bytes = new Uint8ArrayList()
    for (const length of lengths) bytes.append(Uint8Array.of(length >> 8, length & 0xff), new Uint8Array(length).fill(7))
    const decoding = decoder()
    const found: number[] = []
    for (let at = 0; at < bytes.byteLength; at += size) {
      for (const message of decoding.decode(bytes.sublist(at, Math.min(at + size, bytes.byteLength)))) found.push(message.byteLength)
    }
    expect(found).toEqual(lengths)
  })

  it('does nothing where a connection is not as expected', () => {
    const odd = { decoder: {} }
    expect([readLengths({}), readLengths(odd)]).toEqual([false, false])
    expect(odd).toEqual({ decoder: {} })
  })
})
