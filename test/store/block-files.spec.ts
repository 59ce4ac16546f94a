import { expect, test } from 'vitest'
import { StorageError } from '../../src/errors.ts'
import { BlockFiles } from '../../src/store/block-files.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { raw } from './dags.ts'
import { FailingFileSystem, recording } from './fault-file-systems.ts'
import type { Call } from './fault-file-systems.ts'

const paths = new RepositoryPaths('/')
const { cid, bytes } = raw('one')
const { directory, file } = paths.block(cid)
const listed = (): Promise<boolean> => Promise.resolve(true)
const unlisted = (): Promise<boolean> => Promise.resolve(false)

test('writes a block once for all who put it at the same time', async () => {
  const calls: Call[] = []
  const files = new BlockFiles(recording(await disk(), calls), paths)
  await Promise.all([files.write(cid, bytes), files.write(cid, bytes), files.write(cid, bytes)])
  expect(calls.map(({ name }) => name)).toEqual(['writeFile', 'rename'])
  expect(calls[0]).toMatchObject({ sync: true })
  expect([...files.directoriesOf([cid, cid])]).toEqual([directory])
})

test('removes a file with the last claim unless it is listed', async () => {
  const fileSystem = await disk()
  const files = new BlockFiles(fileSystem, paths)
  await Promise.all([files.write(cid, bytes), files.write(cid, bytes)])
  await files.release(cid, unlisted)
  expect(await fileSystem.stat(file)).toBeDefined()
  await files.release(cid, unlisted)
  expect(await fileSystem.stat(file)).toBeUndefined()
  await files.write(cid, bytes)
  await files.release(cid, listed)
  expect(await fileSystem.stat(file)).toBeDefined()
})

test('keeps a file that was put, listed and let go while an older answer was on its way', async () => {
  for (const removes of [true, false]) {
    const fileSystem = await disk()
    const files = new BlockFiles(fileSystem, paths)
    await files.write(cid, bytes)
    if (removes) await files.release(cid, listed)
    const answer = Promise.withResolvers<boolean>()
    const older = removes ? files.remove(cid, () => answer.promise) : files.release(cid, () => answer.promise)
    await files.write(cid, bytes)
    await files.release(cid, listed)
    answer.resolve(false)
    expect(await older).toBe(false)
    expect(await fileSystem.stat(file)).toBeDefined()
  }
})

test('keeps a file that is put again while its last claim is given up', async () => {
  const fileSystem = await disk()
  const files = new BlockFiles(fileSystem, paths)
  await files.write(cid, bytes)
  let again: Promise<void> | undefined
  await files.release(cid, () => {
    again = files.write(cid, bytes)
    return unlisted()
  })
  await again
  expect(await fileSystem.stat(file)).toBeDefined()
  const released = files.release(cid, unlisted)
  await Promise.resolve()
  await Promise.resolve()
  await Promise.all([released, files.write(cid, bytes)])
  expect(await fileSystem.stat(file)).toBeDefined()
})

test('leaves no temp when writing fails, and writes when it is tried again', async () => {
  for (const when of ['before', 'after'] as const) {
    for (const failing of [2, 3]) {
      const below = await disk()
      const fileSystem = new FailingFileSystem(below)
      const files = new BlockFiles(fileSystem, paths)
      fileSystem.from(when, n => n === failing)
      await expect(files.write(cid, bytes)).rejects.toThrow(StorageError)
      expect(await below.list(paths.temp)).toEqual([])
      await files.write(cid, bytes)
      expect(await below.readFile(file)).toEqual(bytes)
    }
  }
})

async function disk (): Promise<MemoryFileSystem> {
  const fileSystem = new MemoryFileSystem()
  await fileSystem.makeDirectory(paths.temp)
  await fileSystem.makeDirectory(paths.blocks)
  return fileSystem
}
