import { expect, test } from 'vitest'
import { receivedMemory } from '../../src/format/claimed-memory.ts'
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

test('takes claimed memory in place of a copy, and gives copies of it', async () => {
  const fileSystem = new MemoryFileSystem()
  const bytes = receivedMemory.claim(new Uint8Array(65_536).fill(1))
  await fileSystem.writeFile('/file', [bytes])
  expect(receivedMemory.has(bytes)).toBe(false)
  bytes[0] = 2
  const read = await fileSystem.readFile('/file')
  expect([read?.length, read?.[0], read?.[1]]).toEqual([65_536, 2, 1])
  read?.fill(3)
  expect(bytes[1]).toBe(1)
})
