import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { CID as ForeignCID } from '../../node_modules/@libp2p/memory/node_modules/multiformats/dist/src/cid.js'
import { InvalidReferenceError } from '../../src/errors.ts'
import { asRootCid, cidOf, digestOf, parseCanonicalCid } from '../../src/format/digest.ts'
import { fromHex } from '../../src/format/hex.ts'
import type { Digest } from '../../src/interface/primitives.ts'
import { hexOf } from './arbitraries.ts'
import { at, errorOf, readVectors } from './vectors.ts'

const vectors = readVectors('digest') as {
  valid: { name: string, block?: string, cid: string, cidV0: string, digest: Digest }[]
  invalidCids: { name: string, cid: string }[]
  invalidDigests: Digest[]
}

describe('digestOf and cidOf', () => {
  it.each(vectors.valid)('agree with Kubo on the $name', ({ block, cid, cidV0, digest }) => {
    expect(digestOf(CID.parse(cid))).toBe(digest)
    expect(digestOf(CID.parse(cidV0))).toBe(digest)
    expect(cidOf(digest).toString()).toBe(cid)
    if (block !== undefined) {
      expect(`0x${createHash('sha256').update(fromHex(block)).digest('hex')}`).toBe(digest)
    }
  })

  it('are each other\'s inverse', () => {
    fc.assert(fc.property(hexOf(32), (digest) => {
      expect(digestOf(cidOf(digest))).toBe(digest)
    }))
  })

  it.each(vectors.invalidDigests)('refuse the digest %j', (digest) => {
    expect(() => cidOf(digest)).toThrow(InvalidReferenceError)
  })
})

describe('asRootCid', () => {
  const { cid, cidV0 } = at(vectors.valid, 0)

  it.each(vectors.invalidCids)('refuses a CID of $name', ({ cid }) => {
    expect(() => asRootCid(CID.parse(cid))).toThrow(InvalidReferenceError)
  })

  it('turns a CID of another copy of multiformats into ours', () => {
    for (const text of [cid, cidV0]) {
      const foreign = ForeignCID.parse(text) as unknown as CID
      expect(foreign).not.toBeInstanceOf(CID)
      expect(asRootCid(foreign)).toBeInstanceOf(CID)
      expect(asRootCid(foreign).toString()).toBe(cid)
    }
  })

  it('makes version 1 of version 0', () => {
    expect(asRootCid(CID.parse(cidV0)).version).toBe(1)
  })

  it('forgets in which form a CID was written', () => {
    expect(asRootCid(CID.parse(`b${cid.slice(1).toUpperCase()}`)).toString()).toBe(cid)
  })

  it('believes the bytes of a foreign object, not its fields', () => {
    const raw = CID.parse('bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku')
    const liar = { version: 1, code: 0x70, multihash: raw.multihash, bytes: raw.bytes, '/': raw.bytes }
    expect(() => asRootCid(liar as unknown as CID)).toThrow(InvalidReferenceError)
  })

  it.each([null, undefined, 1, 'x', {}, { asCID: 1 }, { '/': new Uint8Array(), bytes: new Uint8Array() }])(
    'refuses %o', (value) => {
      expect(() => asRootCid(value as unknown as CID)).toThrow(InvalidReferenceError)
    })

  it('refuses an object that throws when it is looked at', () => {
    const trap = { get '/' (): never { throw new Error('a trap') } }
    expect(() => asRootCid(trap as unknown as CID)).toThrow(InvalidReferenceError)
  })

  it('refuses an object with more bytes than a CID may have', () => {
    const bytes = new Uint8Array(10_000_000)
    expect(() => asRootCid({ bytes, '/': bytes } as unknown as CID)).toThrow(InvalidReferenceError)
  })

  it('says what a root has to be', () => {
    expect(errorOf(() => asRootCid(CID.parse('bafkqaaa'))).message).toBe(
      'A CID with codec 0x55, hash 0x0 and a digest of 0 bytes is not the root of a bundle, which is dag-pb (0x70) with a sha2-256 digest (0x12) of 32 bytes')
  })
})

describe('parseCanonicalCid', () => {
  it('takes the one text of a root and no other', () => {
    const { cid, cidV0 } = at(vectors.valid, 0)
    expect(parseCanonicalCid(cid)?.toString()).toBe(cid)
    for (const text of [cidV0, `b${cid.slice(1).toUpperCase()}`, cid.slice(0, -1), `${cid}a`, `${cid}=`, '', 1, null, ...vectors.invalidCids.map((invalid) => invalid.cid)]) {
      expect(parseCanonicalCid(text)).toBeUndefined()
    }
  })

  it('refuses a last character that has bits of no byte', () => {
    const { cid } = at(vectors.valid, 0)
    const others = Array.from('abcdefghijklmnopqrstuvwxyz234567', (last) => cid.slice(0, -1) + last)
      .filter((text) => parseCanonicalCid(text) !== undefined)
    expect(others).toContain(cid)
    expect(others).toHaveLength(8)
  })
})
