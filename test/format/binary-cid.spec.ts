import { describe, expect, it } from 'vitest'
import { InvalidMessageError } from '../../src/errors.ts'
import { decodeBinaryCid } from '../../src/format/binary-cid.ts'
import { cidOf } from '../../src/format/digest.ts'
import { cidBytesMax } from '../../src/limits.ts'

const cid = cidOf(`0x${'11'.repeat(32)}`)

describe('decodeBinaryCid', () => {
  it('reads a CID, also one that is a view of something larger', () => {
    expect(decodeBinaryCid(cid.bytes, 'The root').equals(cid)).toBe(true)
    expect(decodeBinaryCid(Buffer.concat([Buffer.of(9), cid.bytes]).subarray(1), 'The root').equals(cid)).toBe(true)
  })

  it('reads one as long as allowed, and no longer one', () => {
    const ofBytes = (bytes: number): Uint8Array => Uint8Array.from([1, 0x55, 0, bytes - 4, ...new Uint8Array(bytes - 4)])
    expect(decodeBinaryCid(ofBytes(cidBytesMax), 'The root').multihash.digest.length).toBe(cidBytesMax - 4)
    expect(() => decodeBinaryCid(ofBytes(cidBytesMax + 1), 'The root')).toThrow(
      new InvalidMessageError(`The root has ${cidBytesMax + 1} bytes; at most ${cidBytesMax} are taken`))
  })

  it.each([[[]], [[1, 2, 3]], [[...cid.bytes, 0]], [[0, 0x70, ...cid.multihash.bytes]]])('refuses the bytes %j', bytes => {
    expect(() => decodeBinaryCid(Uint8Array.from(bytes), 'The root of a request')).toThrow(
      new InvalidMessageError('The root of a request is not a CID'))
  })
})
