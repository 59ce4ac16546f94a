import { expect, test } from 'vitest'
import { refuseTwins } from '../../src/dataset/name-twins.ts'

test.each([[['data/a', 'data/b', 'data/a.b/c']], [['data/x/a', 'data/x/b']], [[]]])('takes %j', paths => { refuseTwins(paths) })

test.each([
  [['data/a', 'data/A']], [['data/x/a', 'data/X/b']], [['data/\u00e9', 'data/e\u0301']], [['data/stra\u00dfe', 'data/STRASSE']]
])('refuses %j, and names both', paths => {
  expect(() => { refuseTwins(paths) }).toThrow(expect.objectContaining({ name: 'InvalidNameError' }))
})
