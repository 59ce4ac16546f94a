import { expect, test } from 'vitest'
import { StorageError, StoppedError } from '../../src/errors.ts'
import { DirectoryFiles } from '../../src/store/directory-files.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { RunningWork } from '../../src/store/running-work.ts'
import { FailingFileSystem, PowerCutFileSystem, recording } from './fault-file-systems.ts'
import type { Call } from './fault-file-systems.ts'
import type { DirectoryFilesInit } from '../../src/store/directory-files.ts'
import type { FileSystem } from '../../src/store/file-system.ts'

const paths = new RepositoryPaths('/repository')
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

async function filesOn (fileSystem: FileSystem, running: DirectoryFilesInit['running'] = new RunningWork()): Promise<DirectoryFiles> {
  await fileSystem.makeDirectory(paths.temp)
  return new DirectoryFiles({ fileSystem, paths, directory: paths.audit, running })
}

test('reads what was placed, and no more than a byte beyond what was asked for', async () => {
  const files = await filesOn(new MemoryFileSystem())
  await files.place([{ path: 'a/b/c', bytes: bytes(1, 2, 3, 4) }, { path: 'd', bytes: bytes(5) }])
  expect(await files.read('a/b/c', 4)).toEqual(bytes(1, 2, 3, 4))
  expect(await files.read('a/b/c', 2)).toEqual(bytes(1, 2, 3))
  expect(await files.read('a/b', 4).catch((error: unknown) => error)).toBeInstanceOf(StorageError)
  expect(await files.read('e', 4)).toBeUndefined()
  expect((await files.list('')).sort()).toEqual(['a', 'd'])
  expect(await files.list('nowhere')).toEqual([])
})

test('puts a file in place of another one, and removes one', async () => {
  const files = await filesOn(new MemoryFileSystem())
  await files.place([{ path: 'a', bytes: bytes(1) }])
  await files.place([{ path: 'a', bytes: bytes(2) }])
  expect(await files.read('a', 9)).toEqual(bytes(2))
  await files.remove('a')
  await files.remove('a')
  expect(await files.read('a', 9)).toBeUndefined()
})

test('has bytes and names on the drive when it resolves, those of new directories included', async () => {
  const disk = new PowerCutFileSystem()
  const files = await filesOn(disk)
  await disk.makeDirectory(paths.root)
  await disk.syncDirectory(paths.root)
  await files.place([{ path: 'a/b/c', bytes: bytes(1) }, { path: 'd', bytes: bytes(2) }])
  const after = await disk.afterCut()
  expect(await after.readFile(`${paths.audit}/a/b/c`)).toEqual(bytes(1))
  expect(await after.readFile(`${paths.audit}/d`)).toEqual(bytes(2))
})

test('syncs bytes before names, and each directory once', async () => {
  const calls: Call[] = []
  const files = await filesOn(recording(new MemoryFileSystem(), calls))
  await files.place([{ path: 'a/b', bytes: bytes(1) }, { path: 'a/c', bytes: bytes(2) }])
  expect(calls.map(({ name, path, to, sync }) => [name, to ?? sync ?? path])).toEqual([
    ['writeFile', true], ['writeFile', true], ['rename', `${paths.audit}/a/b`], ['rename', `${paths.audit}/a/c`],
    ['syncDirectory', `${paths.audit}/a`], ['syncDirectory', paths.audit], ['syncDirectory', paths.root]
  ])
  calls.length = 0
  await files.place([{ path: 'a/b', bytes: bytes(3) }])
  expect(calls.map(({ name, to }) => [name, to])).toEqual([['writeFile', undefined], ['rename', `${paths.audit}/a/b`], ['syncDirectory', undefined]])
})

test('makes a directory again that was removed', async () => {
  const files = await filesOn(new MemoryFileSystem())
  await files.place([{ path: 'a/b', bytes: bytes(1) }])
  await files.remove('a/b')
  await files.remove('a')
  await files.place([{ path: 'a/b', bytes: bytes(2) }])
  expect(await files.read('a/b', 9)).toEqual(bytes(2))
})

test('leaves nothing in temp and each file whole, whichever call fails', async () => {
  for (const when of ['before', 'after'] as const) {
    for (let n = 1, refused = true; refused; n++) {
      const memory = new MemoryFileSystem()
      const failing = new FailingFileSystem(memory)
      const files = await filesOn(failing)
      await files.place([{ path: 'a', bytes: bytes(1) }, { path: 'b', bytes: bytes(1) }])
      failing.from(when, call => call === n)
      const placed = await files.place([{ path: 'a', bytes: bytes(2) }, { path: 'b', bytes: bytes(2) }]).then(() => true, () => false)
      refused = failing.state.refused > 0
      expect(placed).toBe(!refused)
      failing.from('before', () => false)
      expect(await memory.list(paths.temp)).toEqual([])
      for (const path of ['a', 'b']) expect([1, 2]).toContain((await files.read(path, 9))?.[0])
    }
  }
})

test('gives no name to anything when the repository was given up meanwhile', async () => {
  const memory = new MemoryFileSystem()
  const running = new RunningWork()
  const files = await filesOn(memory, { run: running.run.bind(running), assertNotCut: () => { throw new StoppedError('cut') } })
  await expect(files.place([{ path: 'a', bytes: bytes(1) }])).rejects.toThrow(StoppedError)
  expect(await memory.list(paths.audit)).toEqual([])
  expect(await memory.list(paths.temp)).toEqual([])
})

test('does nothing in a store that is closed', async () => {
  const running = new RunningWork()
  const files = await filesOn(new MemoryFileSystem(), running)
  await running.close(1000, async () => {})
  await expect(files.read('a', 1)).rejects.toThrow(StoppedError)
  await expect(files.place([])).rejects.toThrow(StoppedError)
})
