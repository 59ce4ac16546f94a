import { expect, test } from 'vitest'
import { inParts } from '../../src/store/in-parts.ts'

test('gives items in parts, and says which is the last', () => {
  expect([...inParts([], 2)]).toEqual([[[], true]])
  expect([...inParts([1, 2], 2)]).toEqual([[[1, 2], true]])
  expect([...inParts([1, 2, 3], 2)]).toEqual([[[1, 2], false], [[3], true]])
})
