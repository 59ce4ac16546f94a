import { expect, test } from 'vitest'
import { systemCode } from '../../src/store/system-reason.ts'

test('finds the code of what a system says, the longer text before the one that it begins with', () => {
  expect(systemCode('IO error: /x/000003.log: No space left on device')).toBe('ENOSPC')
  expect(systemCode('Too many open files in system')).toBe('ENFILE')
  expect(systemCode('IO error: /x: Too many open files')).toBe('EMFILE')
  expect(systemCode('Corruption: bad block')).toBeUndefined()
})
