import { expect, test } from 'vitest'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { isMark, RepositoryPaths } from '../../src/store/paths.ts'
import { UnlistedMark } from '../../src/store/unlisted-mark.ts'
import { FailingFileSystem, recording } from './fault-file-systems.ts'
import type { Call } from './fault-file-systems.ts'

const paths = new RepositoryPaths('/')

test('is on the drive with its name once it is placed, and placed once', async () => {
  const calls: Call[] = []
  const fileSystem = recording(await disk(), calls)
  const mark = new UnlistedMark({ fileSystem, paths })
  await mark.place()
  await mark.place()
  expect(calls.map(({ name }) => name)).toEqual(['writeFile', 'syncDirectory'])
  expect(calls[0]?.sync).toBe(true)
  expect((await fileSystem.list(paths.temp)).map(isMark)).toEqual([true])
  await mark.remove()
  expect(await fileSystem.list(paths.temp)).toEqual([])
})

test('is placed anew when that was refused, and removes nothing when it never was', async () => {
  const fileSystem = new FailingFileSystem(await disk())
  const mark = new UnlistedMark({ fileSystem, paths })
  await mark.remove()
  fileSystem.from('before', n => n === 1)
  await expect(mark.place()).rejects.toThrow('EIO')
  await mark.place()
  expect((await fileSystem.list(paths.temp)).map(isMark)).toEqual([true])
})

async function disk (): Promise<MemoryFileSystem> {
  const fileSystem = new MemoryFileSystem()
  await fileSystem.makeDirectory(paths.temp)
  return fileSystem
}
