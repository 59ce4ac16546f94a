import { expect, test } from 'vitest'
import { filesBelow } from '../../src/bundle/files-below.ts'
import { InvalidArgumentError, InvalidNameError } from '../../src/errors.ts'

test('puts files into a folder', () => {
  expect(filesBelow('inputs', [{ name: 'a/b', text: 'x' }])).toEqual([{ name: 'inputs/a/b', text: 'x' }])
  expect(filesBelow('inputs')).toEqual([])
})

test('refuses what would leave it, or is no file', () => {
  expect(() => filesBelow('inputs', [{ name: '../a', text: 'x' }])).toThrow(InvalidNameError)
  expect(() => filesBelow('inputs', ['./a' as never])).toThrow(InvalidArgumentError)
})
