import { expect, test } from 'vitest'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { followsTheRules } from './file-system-rules.ts'

followsTheRules(async () => {
  const fileSystem = new MemoryFileSystem()
  await fileSystem.makeDirectory('/home')
  return { fileSystem, home: '/home' }
})

test('has nothing in common with another one', async () => {
  expect(await new MemoryFileSystem().realPath('/home')).not.toBe(await new MemoryFileSystem().realPath('/home'))
})

test('keeps what was written when the writer changes its bytes', async () => {
  const fileSystem = new MemoryFileSystem()
  const bytes = new Uint8Array([1])
  await fileSystem.writeFile('/file', [bytes])
  bytes[0] = 2
  const read = await fileSystem.readFile('/file')
  read?.fill(3)
  expect(await fileSystem.readFile('/file')).toEqual(new Uint8Array([1]))
})
