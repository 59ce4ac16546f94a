import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LimitExceededError } from '../../src/errors.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { decodeManifest, encodeManifest } from '../../src/format/manifest.ts'
import { manifestBytesMax } from '../../src/limits.ts'
import type { Manifest } from '../../src/interface/manifest.ts'
import { hexOf, json, kind, mutations, rootText, task } from './arbitraries.ts'
import { at, again, errorOf, mutate, readVectors } from './vectors.ts'

const vectors = readVectors('manifest') as {
  valid: { name: string, manifest: Manifest, bytes: string }[]
  invalid: { name: string, bytes: string, error: string }[]
}

const filled = fc.string({ minLength: 1 })
const head = { format: fc.constant('cortensor-bundle'), version: fc.nat(99).map((minor) => `1.${minor}`) }
const encryption = fc.record({ scheme: filled, keyId: filled })
const number = fc.nat()
const manifest = fc.oneof(
  fc.record({ ...head, kind: fc.constant('task'), session: task, clientReference: fc.string(), nonce: hexOf(32), encryption, extra: json },
    { requiredKeys: ['format', 'version', 'kind', 'session'] }),
  fc.record({ ...head, kind: fc.constant('result'), answers: rootText, task, miner: hexOf(20), nonce: hexOf(32), model: fc.record({ name: filled }) }),
  fc.record({ ...head, kind: fc.constant('dataset'), publisher: hexOf(20), name: fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,99}$/), previous: rootText, datasetVersion: fc.tuple(number, number, number).map((parts) => parts.join('.')) }),
  fc.record({ ...head, kind: fc.constant('evidence'), answers: rootText, task }),
  fc.record({ ...head, kind: kind.filter((text) => !['task', 'result', 'dataset', 'evidence'].includes(text)), extra: json })
) as fc.Arbitrary<Manifest>

describe('decodeManifest and encodeManifest', () => {
  it.each(vectors.valid)('read and write: $name', ({ manifest, bytes }) => {
    expect(toHex(encodeManifest(manifest))).toBe(bytes)
    expect(decodeManifest(fromHex(bytes))).toEqual(manifest)
  })

  it.each(vectors.invalid)('refuse: $name', ({ bytes, error }) => {
    expect(errorOf(() => decodeManifest(fromHex(bytes))).name).toBe(error)
    let value: Manifest
    try {
      value = JSON.parse(Buffer.from(fromHex(bytes)).toString()) as Manifest
    } catch {
      return
    }
    if (Buffer.from(JSON.stringify(value)).length === fromHex(bytes).length) {
      expect(errorOf(() => encodeManifest(value)).name).toBe(error)
    }
  })

  it('give back any manifest', () => {
    fc.assert(fc.property(manifest, (value) => {
      expect(decodeManifest(encodeManifest(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }))
  })

  it('refuse changed bytes, or they are another manifest', () => {
    fc.assert(fc.property(manifest, mutations, (value, changes) => {
      const bytes = mutate(encodeManifest(value), changes)
      expect(again(bytes, decodeManifest, encodeManifest) ?? bytes).toEqual(bytes)
    }), { numRuns: 150 })
  })

  it('take 1 MiB and refuse a byte more, both ways', () => {
    const sized = (bytes: number): Manifest => {
      const start = { format: 'cortensor-bundle', version: '1.0', kind: 'note', extra: '' } as const
      return { ...start, extra: 'a'.repeat(bytes - encodeManifest(start).byteLength) }
    }
    expect(encodeManifest(sized(manifestBytesMax))).toHaveLength(manifestBytesMax)
    expect(() => encodeManifest(sized(manifestBytesMax + 1))).toThrow(LimitExceededError)
    expect(() => decodeManifest(new Uint8Array(manifestBytesMax + 1))).toThrow(LimitExceededError)
  })

  it('say which field is wrong, with its value', () => {
    const { manifest: task } = at(vectors.valid, 0)
    expect(errorOf(() => encodeManifest({ ...task, session: { chainId: 5 } })).message)
      .toBe('The manifest is not valid: session.chainId is "5", which is not a decimal string below 2^256 without leading zeros')
  })

  it('say that a newer release is needed', () => {
    expect(errorOf(() => decodeManifest(new TextEncoder().encode('{"format":"cortensor-bundle","version":"2.0"}'))).message)
      .toBe('The manifest is of version "2.0"; this library reads 1.x: a newer release of it is needed')
  })

  it('refuse a number in exponent form as a manifest would have it', () => {
    expect(errorOf(() => decodeManifest(new TextEncoder().encode('{"format":"cortensor-bundle","kind":"x","n":1E2,"version":"1.0"}'))).name).toBe('InvalidManifestError')
  })
})
