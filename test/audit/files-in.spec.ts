import { expect, test } from 'vitest'
import { filesIn } from '../../src/audit/files-in.ts'
import { memoryFiles } from './memory-files.ts'

test('has the files below one directory of others, and no more', async () => {
  const files = memoryFiles()
  const below = filesIn(files, 'a/b')
  await below.place([{ path: 'c', bytes: Uint8Array.of(1) }, { path: 'd/e', bytes: Uint8Array.of(2) }])
  expect((await below.list('')).sort()).toEqual(['c', 'd'])
  expect(await below.list('d')).toEqual(['e'])
  expect(await files.read('a/b/d/e', 9)).toEqual(await below.read('d/e', 9))
  await below.remove('c')
  expect(await files.read('a/b/c', 9)).toBeUndefined()
  expect(await files.list('')).toEqual(['a'])
})
