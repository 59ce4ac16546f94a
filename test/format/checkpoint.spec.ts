import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, InvalidCheckpointError, LimitExceededError } from '../../src/errors.ts'
import { checkpointDigest, decodeCheckpoint, encodeCheckpoint } from '../../src/format/checkpoint.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { hasControls } from '../../src/format/note-key.ts'
import { fromUtf8, toUtf8 } from '../../src/format/utf8.ts'
import { noteBytesMax } from '../../src/limits.ts'
import type { Checkpoint } from '../../src/format/checkpoint.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import { hexOf, mutations } from './arbitraries.ts'
import { again, at, errorOf, mutate, readVectors } from './vectors.ts'

const vectors = readVectors('checkpoint') as {
  valid: { name: string, checkpoint: Omit<Checkpoint, 'root'> & { root: Hex }, text: string, digest: Hex }[]
  invalid: { name: string, text: string, error: string }[]
}
const cases = vectors.valid.map(({ checkpoint, ...rest }) => ({ ...rest, checkpoint: { ...checkpoint, root: fromHex(checkpoint.root) } }))

const line = fc.string({ unit: 'grapheme', minLength: 1 }).filter(text => !hasControls(text) && !text.includes('\n'))
const checkpoint: fc.Arbitrary<Checkpoint> = fc.record({
  origin: line, size: fc.maxSafeNat(), root: hexOf(32).map(hex => fromHex(hex)), extensions: fc.array(line, { maxLength: 3 })
})

describe('encodeCheckpoint and decodeCheckpoint', () => {
  it.each(cases)('write and read: $name', ({ checkpoint, text }) => {
    expect(encodeCheckpoint(checkpoint)).toBe(text)
    expect(decodeCheckpoint(text)).toEqual(checkpoint)
  })

  it.each(vectors.invalid)('refuse: $name', ({ text, error }) => {
    expect(errorOf(() => decodeCheckpoint(text)).name).toBe(error)
  })

  it('give back any checkpoint', () => {
    fc.assert(fc.property(checkpoint, (value) => {
      expect(decodeCheckpoint(encodeCheckpoint(value))).toEqual(value)
    }))
  })

  it('refuse changed text, or it is another checkpoint', () => {
    const decode = (bytes: Uint8Array): Checkpoint => decodeCheckpoint(fromUtf8(bytes) ?? '')
    fc.assert(fc.property(checkpoint, mutations, (value, changes) => {
      const bytes = mutate(toUtf8(encodeCheckpoint(value)), changes)
      expect(again(bytes, decode, value => toUtf8(encodeCheckpoint(value))) ?? bytes).toEqual(bytes)
    }), { numRuns: 500 })
  })

  it('take as many characters as a note and no more', () => {
    const { text } = at(cases, 2)
    const longest = `${text}${'a'.repeat(noteBytesMax - text.length - 1)}\n`
    expect(decodeCheckpoint(longest).extensions).toHaveLength(1)
    expect(() => decodeCheckpoint(`${longest.slice(0, -1)}a\n`)).toThrow(LimitExceededError)
  })

  it.each([
    { origin: '' }, { origin: 'a\nb' }, { origin: 'a\tb' }, { origin: '\ud800' }, { origin: 1 }, { size: -1 }, { size: 0.5 }, { size: 2 ** 53 }, { size: '8' },
    { root: new Uint8Array(31) }, { root: new Uint8Array(33) }, { root: 'x' }, { extensions: [''] }, { extensions: ['a\n'] }, { extensions: 'x' }, { extensions: undefined }
  ])('refuse to write %o', (change) => {
    expect(() => encodeCheckpoint({ ...at(cases, 2).checkpoint, ...change } as unknown as Checkpoint)).toThrow(InvalidCheckpointError)
  })

  it('refuse what is no object, and what is no text', () => {
    expect(() => encodeCheckpoint(null as unknown as Checkpoint)).toThrow(InvalidArgumentError)
    expect(() => decodeCheckpoint(1 as unknown as string)).toThrow(InvalidCheckpointError)
  })

  it('say which field is wrong, with its value', () => {
    expect(errorOf(() => decodeCheckpoint('a\n08\n\n')).message)
      .toBe('The checkpoint is not valid: size is "08", which is not a decimal number below 2^53 without leading zeros')
  })
})

describe('checkpointDigest', () => {
  it.each(cases)('is the SHA-256 of the text of: $name', ({ checkpoint, digest }) => {
    expect(checkpointDigest(checkpoint)).toBe(digest)
    expect(toHex(fromHex(digest, 32))).toBe(digest)
  })
})
