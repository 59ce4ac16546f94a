import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { countsAs, delegationAt, delegationOf, signersOf } from '../../src/format/delegated.ts'
import { at } from './vectors.ts'
import type { SignedStatement } from '../../src/interface/bundle.ts'
import type { SignedDelegation } from '../../src/interface/delegation.ts'
import type { Address, Hex } from '../../src/interface/primitives.ts'

const [wallet, stranger, node, other] = ['11', '22', '33', '44'].map(digits => `0x${digits.repeat(20)}`) as [Address, Address, Address, Address]

/** Nothing here looks at signatures: whoever read them has. */
function delegates (time: number, until: number, to = node, by = wallet): SignedDelegation {
  return { wallet: by, delegation: { node: to, time: String(time), until: String(until), signature: `0x${time}${until}${to}` as Hex } }
}

function signed (time: number, signer = node): SignedStatement {
  return { signer, statement: { time: String(time) } as SignedStatement['statement'] }
}

/** For which of these seconds a statement of the node counts as the wallet's. */
function counted (delegations: SignedDelegation[], signer = node): number[] {
  return Array.from({ length: 12 }, (_, time) => time).filter(time => countsAs(signed(time, signer), wallet, delegations))
}

describe('countsAs', () => {
  it('counts from the time of the delegation until its end', () => {
    expect(counted([])).toEqual([])
    expect(counted([delegates(3, 6)])).toEqual([3, 4, 5, 6])
    expect(counted([delegates(3, 3)])).toEqual([3])
    expect(counted([delegates(3, 0)])).toEqual([])
  })

  it('counts for the node that is named, and by the wallet that signed', () => {
    expect(counted([delegates(3, 6)], other)).toEqual([])
    expect(counted([delegates(3, 6, node, stranger)])).toEqual([])
    expect(counted([delegates(3, 6), delegates(4, 0, node, stranger)])).toEqual([3, 4, 5, 6])
  })

  it('goes on counting after it was renewed', () => {
    expect(counted([delegates(1, 6), delegates(4, 9)])).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('ends with a revocation, and what was stated before it counts', () => {
    expect(counted([delegates(1, 9), delegates(5, 5)])).toEqual([1, 2, 3, 4, 5])
  })

  it('is taken back from a time in the past, when the revocation says so', () => {
    expect(counted([delegates(1, 9), delegates(8, 2)])).toEqual([1, 2])
    expect(counted([delegates(1, 9), delegates(8, 0)])).toEqual([])
    expect(counted([delegates(1, 4), delegates(6, 9), delegates(10, 7)])).toEqual([1, 2, 3, 4, 6, 7])
  })

  it('moves to another node from the time of the later one, and takes nothing back from the first before', () => {
    const both = [delegates(1, 9), delegates(5, 7, other)]
    expect(counted(both)).toEqual([1, 2, 3, 4])
    expect(counted(both, other)).toEqual([5, 6, 7])
  })

  it('counts the shorter one of two of the same time', () => {
    expect(counted([delegates(3, 9), delegates(3, 5)])).toEqual([3, 4, 5])
    expect(counted([delegates(3, 9), delegates(3, 0)])).toEqual([])
  })

  it('is the same in any order, and more of them never count for more than each by itself', () => {
    const seconds = fc.nat(11)
    const one = fc.tuple(seconds, seconds, fc.constantFrom(node, other)).map(([time, until, to]) => delegates(time, until, to))
    fc.assert(fc.property(fc.array(one, { maxLength: 6 }), (delegations) => {
      const all = counted(delegations)
      expect(counted([...delegations].reverse())).toEqual(all)
      const each = new Set(delegations.flatMap(delegation => counted([delegation])))
      expect(all.every(time => each.has(time))).toBe(true)
    }))
  })

  it('compares times as numbers, up to the largest', () => {
    const max = 2n ** 64n - 1n
    const last: SignedDelegation = { wallet, delegation: { node, time: '9', until: String(max), signature: '0x' } }
    expect(delegationAt([last], { wallet, node, time: '10' })).toBe(last)
    expect(delegationAt([last], { wallet, node, time: String(max) })).toBe(last)
  })
})

describe('delegationOf', () => {
  it('gives the delegation by which a statement counts', () => {
    const delegations = [delegates(1, 4), delegates(5, 9)]
    expect(delegationOf(signed(2), wallet, delegations)).toBe(at(delegations, 0))
    expect(delegationOf(signed(5), wallet, delegations)).toBe(at(delegations, 1))
    expect(delegationOf(signed(0), wallet, delegations)).toBeUndefined()
  })
})

describe('signersOf', () => {
  it('names the signer first, and each wallet once', () => {
    const delegations = [delegates(1, 9), delegates(2, 9), delegates(1, 9, node, stranger), delegates(1, 9, other, other)]
    expect(signersOf(signed(3), delegations)).toEqual([node, wallet, stranger])
    expect(signersOf(signed(3), [])).toEqual([node])
    expect(signersOf(signed(11), delegations)).toEqual([node])
  })

  it('names a node that delegates to itself once', () => {
    expect(signersOf(signed(3), [delegates(1, 9, node, node)])).toEqual([node])
  })
})
