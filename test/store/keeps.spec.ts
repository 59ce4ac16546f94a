import { expect, test } from 'vitest'
import { Keeps } from '../../src/store/keeps.ts'

test('keeps a bundle until everybody who kept it has let go, each once', () => {
  const keeps = new Keeps()
  const [one, two] = [keeps.keep('a'), keeps.keep('a')]
  keeps.keep('b')
  expect([keeps.has('a'), keeps.has('b'), keeps.has('c')]).toEqual([true, true, false])
  one[Symbol.dispose]()
  one[Symbol.dispose]()
  expect(keeps.has('a')).toBe(true)
  two[Symbol.dispose]()
  expect([keeps.has('a'), keeps.has('b')]).toEqual([false, true])
})
