import { expect, test } from 'vitest'
import { joinSaid } from '../../src/format/said-of-root.ts'
import { statementBytesMax, statementsMax } from '../../src/limits.ts'

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
