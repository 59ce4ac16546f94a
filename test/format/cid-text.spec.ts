import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { base32 } from 'multiformats/bases/base32'
import { base58btc } from 'multiformats/bases/base58'
import { base64url } from 'multiformats/bases/base64'
import { describe, expect, it } from 'vitest'
import { InvalidReferenceError } from '../../src/errors.ts'
import { parseCidText } from '../../src/format/cid-text.ts'
import { cidOf } from '../../src/format/digest.ts'
import { hexOf } from './arbitraries.ts'
import { errorOf } from './vectors.ts'

describe('parseCidText', () => {
  it('reads what any base writes', () => {
    fc.assert(fc.property(hexOf(32), fc.constantFrom(base32, base58btc, base64url), (digest, base) => {
      const cid = cidOf(digest)
      expect(parseCidText(cid.toString(base)).equals(cid)).toBe(true)
      expect(parseCidText(cid.toV0().toString()).version).toBe(0)
    }))
  })

  it('reads 128 characters and refuses 129', () => {
    const text = (digestBytes: number): string =>
      CID.decode(Uint8Array.of(1, 0x55, 0, digestBytes, ...new Uint8Array(digestBytes))).toString()
    expect(text(75)).toHaveLength(128)
    expect(parseCidText(text(75)).multihash.digest).toHaveLength(75)
    expect(errorOf(() => parseCidText(text(76)))).toMatchObject({ name: 'InvalidReferenceError', details: { max: 128, actual: 129 } })
  })

  it.each(['z', 'Q', 'Qm', 'b'])('refuses 200 KB after %s without decoding them', (prefix) => {
    expect(() => parseCidText(prefix + '1'.repeat(200_000))).toThrow(InvalidReferenceError)
    expect(() => parseCidText(prefix + 'a'.repeat(200_000))).toThrow(InvalidReferenceError)
  })

  it('refuses any text with an error of this library, unless it is what a base writes for a whole CID', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[bzQfkmu0-9][a-zA-Z0-9]{0,127}$/)), (text) => {
      const parsed = parsedOrRefused(text)
      if (parsed !== undefined) expect(CID.decode(parsed.bytes).equals(parsed)).toBe(true)
    }), { examples: [['kaPj40']] })
  })
})

/** A short text can be a CID: version, codec, hash function and an empty digest need four bytes. */
function parsedOrRefused (text: string): CID | undefined {
  try {
    return parseCidText(text)
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidReferenceError)
    return undefined
  }
}
