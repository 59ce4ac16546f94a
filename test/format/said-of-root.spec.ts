import { expect, test } from 'vitest'
import { joinSaid } from '../../src/format/said-of-root.ts'
import { delegationBytesMax, delegationsMax, statementBytesMax, statementsMax } from '../../src/limits.ts'

const of = (...values: number[]): Uint8Array[] => values.map(value => Uint8Array.of(value))

test('believes the one that says restricted', () => {
  const said = (access: 'anyone' | 'restricted'): Parameters<typeof joinSaid>[0] => ({ access, statements: [] })
  expect(joinSaid(said('anyone'), undefined).access).toBe('anyone')
  expect(joinSaid(said('anyone'), said('anyone')).access).toBe('anyone')
  expect(joinSaid(said('anyone'), said('restricted')).access).toBe('restricted')
  expect(joinSaid(said('restricted'), said('anyone')).access).toBe('restricted')
})

test('keeps each statement once, those that come first before the others, and so many at most', () => {
  const access = 'anyone'
  expect(joinSaid({ access, statements: of(3, 3, 1) }, { access, statements: of(1, 2) }).statements).toEqual(of(3, 1, 2))
  const many = of(...Array.from({ length: statementsMax }, (_, n) => n))
  expect(joinSaid({ access, statements: of(99) }, { access, statements: many }).statements).toEqual([...of(99), ...many.slice(0, -1)])
})

test('drops what is too long for a statement', () => {
  const statements = [new Uint8Array(statementBytesMax + 1), new Uint8Array(statementBytesMax)]
  expect(joinSaid({ access: 'anyone', statements }, undefined).statements).toEqual([new Uint8Array(statementBytesMax)])
})

test('keeps delegations in the same way, and none where there are none', () => {
  const said = (...delegations: Uint8Array[]): Parameters<typeof joinSaid>[0] => ({ access: 'anyone', statements: [], delegations })
  expect(joinSaid(said(...of(2, 2, 1)), said(...of(1, 3))).delegations).toEqual(of(2, 1, 3))
  expect(joinSaid(said(...of(...Array.from({ length: delegationsMax + 1 }, (_, n) => n))), undefined).delegations).toHaveLength(delegationsMax)
  expect(joinSaid(said(new Uint8Array(delegationBytesMax + 1)), undefined)).not.toHaveProperty('delegations')
  expect(joinSaid({ access: 'anyone', statements: [] }, said())).not.toHaveProperty('delegations')
})
