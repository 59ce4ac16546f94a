import { expect, test } from 'vitest'
import { delegationsMax, knownWalletsMax } from '../../src/limits.ts'
import { KnownDelegations } from '../../src/network/known-delegations.ts'
import type { SignedDelegation } from '../../src/interface/delegation.ts'
import type { Address } from '../../src/interface/primitives.ts'

const wallet = (n: number): Address => `0x${n.toString(16).padStart(40, '0')}`
const made = (by: number, time: number): SignedDelegation =>
  ({ wallet: wallet(by), delegation: { node: wallet(0), until: '9', time: String(time), signature: `0x${by}${time}` } })
const times = (known: KnownDelegations, by: number): string[] => known.of(wallet(by)).map(({ delegation }) => delegation.time)

test('remembers what each wallet signed, once', () => {
  const known = new KnownDelegations()
  for (const signed of [made(1, 5), made(1, 7), made(1, 5), made(2, 6)]) known.note(signed)
  expect(times(known, 1)).toEqual(['7', '5'])
  expect(times(known, 2)).toEqual(['6'])
  expect(times(known, 3)).toEqual([])
})

test('keeps the latest few of a wallet that signs many, in whatever order they come', () => {
  const known = new KnownDelegations()
  for (let i = 0; i < 2 * delegationsMax; i++) known.note(made(1, (i * 7) % (2 * delegationsMax)))
  expect(times(known, 1)).toEqual(Array.from({ length: delegationsMax }, (_, i) => String(2 * delegationsMax - 1 - i)))
})

test('forgets the wallet that was heard of longest ago when there are too many, and nothing that the host said', () => {
  const known = new KnownDelegations()
  known.learn(made(1, 5))
  known.note(made(1, 6))
  known.note(made(2, 5))
  known.note(made(1, 7))
  for (let i = 0; i < knownWalletsMax - 1; i++) known.note(made(10 + i, 1))
  expect(times(known, 2)).toEqual([])
  expect(times(known, 1)).toEqual(['5', '7', '6'])
  known.note(made(9_999_999, 1))
  expect(times(known, 1)).toEqual(['5'])
})

test('adds to delegations what their wallets are known to have signed beside them', () => {
  const known = new KnownDelegations()
  for (const signed of [made(1, 5), made(1, 7), made(2, 6)]) known.note(signed)
  const timesOf = (delegations: SignedDelegation[]): string[] => known.with(delegations).map(({ delegation }) => delegation.time)
  expect(timesOf([])).toEqual([])
  expect(timesOf([made(3, 1)])).toEqual(['1'])
  expect(timesOf([made(1, 5)])).toEqual(['5', '7'])
  for (let i = 0; i < delegationsMax; i++) known.note(made(1, 10 + i))
  expect(timesOf([made(1, 5)])).toHaveLength(delegationsMax)
})
