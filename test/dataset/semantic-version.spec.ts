import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareVersions, parseVersion } from '../../src/dataset/semantic-version.ts'

const version = fc.tuple(fc.nat(999_999_999), fc.nat(999_999_999), fc.nat(999_999_999))

describe('parseVersion', () => {
  it('reads what it is given back', () => {
    fc.assert(fc.property(version, parts => { expect(parseVersion(parts.join('.'))).toEqual(parts) }))
  })

  it.each(['', '1', '1.0', '1.0.0.0', '01.0.0', '1.0.0-rc.1', 'v1.0.0', '1.0.0 ', '-1.0.0', '1.0.1000000000000000'])('refuses %j', text => {
    expect(() => parseVersion(text)).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
  })
})

describe('compareVersions', () => {
  it('orders by number, not by text', () => {
    expect(['1.10.0', '1.9.9', '0.0.1', '1.9.10'].sort(compareVersions)).toEqual(['0.0.1', '1.9.9', '1.9.10', '1.10.0'])
  })

  it('is antisymmetric, and 0 for equal versions only', () => {
    fc.assert(fc.property(version, version, (a, b) => {
      const [left, right] = [a.join('.'), b.join('.')]
      expect(Math.sign(compareVersions(left, right))).toBe(0 - Math.sign(compareVersions(right, left)))
      expect(compareVersions(left, right) === 0).toBe(left === right)
    }))
  })
})
