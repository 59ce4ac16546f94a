import { expect, test } from 'vitest'
import { InvalidDelegationError, LimitExceededError, WrongDelegationError } from '../../src/errors.ts'
import { delegationSkewMsMax } from '../../src/limits.ts'
import { endOf, readOwnDelegation, sayTime } from '../../src/network/own-delegation.ts'
import { addressOf, delegate, shown, signed, walletKey } from './delegations.ts'

const node = addressOf(101)
const at = (now: number): Parameters<typeof readOwnDelegation>[1] => ({ node, signer: undefined, now })

test('takes a delegation to this node from its time to the end of its last second', async () => {
  const expected = await signed(101)
  for (const now of [1_000_000, 1_500_000, 2_000_999]) expect(readOwnDelegation(await delegate(101), at(now))).toEqual(expected)
  expect(readOwnDelegation(await shown(101), at(1_500_000))).toEqual(expected)
  expect(endOf(expected)).toBe(2_001_000)
})

test('takes one that is a little ahead of this node\'s clock, and no other', async () => {
  const delegation = await delegate(101)
  expect(readOwnDelegation(delegation, at(1_000_000 - delegationSkewMsMax))).toBeDefined()
  expect(() => readOwnDelegation(delegation, at(1_000_000 - delegationSkewMsMax - 1))).toThrow(/begins at 1970-01-01T00:16:40.000Z.*check both clocks/)
})

test('refuses one that is over, or that takes back', async () => {
  expect(() => readOwnDelegation('x', at(0))).toThrow(InvalidDelegationError)
  const over = await delegate(101)
  expect(() => readOwnDelegation(over, at(2_001_000))).toThrow(/is over since 1970-01-01T00:33:20.000Z: have the wallet sign another one/)
  const revocation = await delegate(101, { time: 1000, until: 999 })
  expect(() => readOwnDelegation(revocation, at(999_000))).toThrow(WrongDelegationError)
})

test('refuses one of another node, with both addresses', async () => {
  const other = await delegate(102)
  expect(() => readOwnDelegation(other, at(1_500_000))).toThrow(
    expect.objectContaining({ name: 'WrongDelegationError', message: expect.stringContaining(`names node ${addressOf(102)}, and this one is ${node}`) as unknown }))
})

test('refuses one of another wallet than the one that signs remotely', async () => {
  const delegation = await delegate(101)
  const terms = { node, now: 1_500_000 }
  expect(readOwnDelegation(delegation, { ...terms, signer: addressOf(walletKey) })).toBeDefined()
  expect(() => readOwnDelegation(delegation, { ...terms, signer: addressOf(7) })).toThrow(WrongDelegationError)
})

test('refuses what is no delegation', async () => {
  for (const value of [{ ...await delegate(101), node: undefined }, null, 5, new Uint8Array(3)]) {
    expect(() => readOwnDelegation(value as never, at(1_500_000))).toThrow(InvalidDelegationError)
  }
  expect(() => readOwnDelegation('x'.repeat(1_000_000), at(1_500_000))).toThrow(LimitExceededError)
})

test('says a time that no calendar has', () => {
  expect(sayTime('18446744073709551615')).toBe('18446744073709551615 s after 1970')
})
