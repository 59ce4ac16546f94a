import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fileCalls } from '../../src/store/file-calls.ts'
import { temporaryDirectory } from './fixtures.ts'

test('writes and reads a file by its descriptor, and says how many bytes that were', async () => {
  const directory = await temporaryDirectory()
  const [temporary, path] = [join(directory, 'temporary'), join(directory, 'file')]
  const file = await fileCalls.open(temporary, 'wx+')
  expect((await fileCalls.writev(file, [Buffer.from('ab'), Buffer.from('c')])).bytesWritten).toBe(3)
  expect((await fileCalls.write(file, Buffer.from('xyz'), 1, 2, 3)).bytesWritten).toBe(2)
  await fileCalls.fsync(file)
  await fileCalls.rename(temporary, path)
  const bytes = Buffer.alloc(9)
  expect((await fileCalls.read(file, bytes, 1, 8, 1)).bytesRead).toBe(4)
  expect(bytes.toString('latin1', 1, 5)).toBe('bcyz')
  const sizes = [await fileCalls.fstat(file), await fileCalls.lstat(path), await fileCalls.stat(path)].map(({ size }) => size)
  expect([...sizes, (await fileCalls.fstat(file, { bigint: true })).size]).toEqual([5, 5, 5, 5n])
  await fileCalls.close(file)
  await expect(fileCalls.close(file)).rejects.toMatchObject({ code: 'EBADF', syscall: 'close' })
  await expect(fileCalls.open(temporary, 'r')).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open', path: temporary })
})
