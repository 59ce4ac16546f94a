import { expect, test } from 'vitest'
import { refusalAdvice } from '../../src/store/refusal-advice.ts'

test.for([
  ['EROFS', 'read-only'], ['EACCES', 'right'], ['ENOSPC', 'full'], ['ENOTDIR', 'file'], ['EMFILE', 'ulimit -n'], ['ENFILE', 'fs.file-max'],
  ['ENOENT', 'mounted'], ['EEXIST', 'name'], ['EPERM', 'another directory'], ['EDQUOT', 'share'], ['EIO', 'log']
])('says what to do about %s', ([code = '', word = '']) => {
  expect(refusalAdvice(code)).toMatch(/^; /)
  expect(refusalAdvice(code)).toContain(word)
})

test('says nothing where the code says it all, or is none', () => {
  expect(refusalAdvice('ENAMETOOLONG')).toBe('')
  expect(refusalAdvice('unknown reason')).toBe('')
  expect(refusalAdvice('toString')).toBe('')
})
