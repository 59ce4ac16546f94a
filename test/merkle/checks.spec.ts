import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, InvalidProofError, ProofMismatchError } from '../../src/errors.ts'
import { checkCount, checkHash, checkProof, checkRoot, checkTreeHead } from '../../src/merkle/checks.ts'
import { emptyRoot } from '../../src/merkle/hashing.ts'
import { errorOf } from '../format/vectors.ts'

const hash = new Uint8Array(32)

describe('checkCount', () => {
  it('takes whole numbers from 0 to 2^53 - 1', () => {
    for (const value of [0, 1, Number.MAX_SAFE_INTEGER]) expect(() => { checkCount(value, 'size') }).not.toThrow()
    for (const value of [-1, 0.5, 2 ** 53, NaN, Infinity, '1', 1n, undefined, null]) expect(() => { checkCount(value, 'size') }).toThrow(InvalidArgumentError)
  })

  it('says what it was given', () => {
    expect(errorOf(() => { checkCount(-1, 'size') }).message).toBe('size must be a whole number from 0 to 2^53 - 1, and is -1')
    expect(errorOf(() => { checkCount('1', 'size') }).message).toBe('size must be a whole number from 0 to 2^53 - 1, and is a string')
  })
})

describe('checkHash', () => {
  it('takes 32 bytes', () => {
    expect(() => { checkHash(hash, 'a hash') }).not.toThrow()
    for (const value of [new Uint8Array(31), new Uint8Array(33), 'x', undefined]) expect(() => { checkHash(value, 'a hash') }).toThrow(InvalidArgumentError)
  })
})

describe('checkTreeHead', () => {
  it('takes a size and a root', () => {
    expect(() => { checkTreeHead({ size: 1, root: hash }, 'tree') }).not.toThrow()
    for (const value of [undefined, null, 'x', {}, { size: 1 }, { size: '1', root: hash }, { size: 1, root: 'x' }]) {
      expect(() => { checkTreeHead(value, 'tree') }).toThrow(InvalidArgumentError)
    }
  })

  it('knows the root of a tree without entries', () => {
    expect(() => { checkTreeHead({ size: 0, root: emptyRoot() }, 'tree') }).not.toThrow()
    expect(() => { checkTreeHead({ size: 0, root: hash }, 'tree') }).toThrow(ProofMismatchError)
  })
})

describe('checkProof', () => {
  it('takes as many hashes as are needed', () => {
    expect(() => { checkProof([hash, hash], 2, 'It') }).not.toThrow()
    expect(errorOf(() => { checkProof([hash], 2, 'It') }).message).toBe('It needs a proof of 2 hashes; this one has 1')
    expect(() => { checkProof([hash, hash, hash], 2, 'It') }).toThrow(InvalidProofError)
    for (const value of [undefined, 'xx', [hash, new Uint8Array(31)], [hash, undefined], new Array(2)]) expect(() => { checkProof(value, 2, 'It') }).toThrow(InvalidArgumentError)
  })
})

describe('checkRoot', () => {
  it('shows both roots when they differ', () => {
    expect(() => { checkRoot(hash, new Uint8Array(32), 'It') }).not.toThrow()
    expect(errorOf(() => { checkRoot(hash, new Uint8Array(32).fill(1), 'It') }).details).toEqual({ expected: `0x${'01'.repeat(32)}`, actual: `0x${'00'.repeat(32)}` })
  })
})
