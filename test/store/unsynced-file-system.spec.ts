import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { FileSystem, WriteFileOptions } from '../../src/store/file-system.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { UnsyncedFileSystem } from '../../src/store/unsynced-file-system.ts'
import { WatchedFileSystem } from './fault-file-systems.ts'
import type { Call } from './fault-file-systems.ts'

test('writes without waiting for the drive, and keeps the other options', async () => {
  const seen: WriteFileOptions[] = []
  const below = new MemoryFileSystem()
  const noting: FileSystem = Object.assign(new WatchedFileSystem(below, (_, make) => make()), {
    writeFile: (path: string, chunks: readonly Uint8Array[], options: WriteFileOptions) => {
      seen.push(options)
      return below.writeFile(path, chunks)
    }
  })
  const unsynced = new UnsyncedFileSystem(noting)
  await unsynced.writeFile('/one', [new Uint8Array([1])], { sync: true })
  await unsynced.writeFile('/two', [new Uint8Array([2])], { sync: false, essential: true })
  expect(seen).toEqual([{ sync: false }, { sync: false, essential: true }])
  expect(await unsynced.readFile('/one')).toEqual(new Uint8Array([1]))
})

test('syncs no directory, also none that is missing', async () => {
  const calls: Call[] = []
  const unsynced: FileSystem = new UnsyncedFileSystem(new WatchedFileSystem(new MemoryFileSystem(), (call, make) => {
    calls.push(call)
    return make()
  }))
  await unsynced.syncDirectory('/')
  await unsynced.syncDirectory('/missing')
  expect(calls).toEqual([])
})

test('passes everything else on', async () => {
  const below = new MemoryFileSystem()
  const unsynced = new UnsyncedFileSystem(below)
  await unsynced.makeDirectory('/home/inner')
  await unsynced.writeFile(join('/home', 'one'), [new Uint8Array([1, 2, 3])], { sync: true })
  await unsynced.rename('/home/one', '/home/two')
  expect(await unsynced.list('/home')).toEqual(await below.list('/home'))
  expect(await unsynced.stat('/home/two')).toEqual({ type: 'file', bytes: 3 })
  expect(await unsynced.readFile('/home/two', { offset: 1, length: 1 })).toEqual(new Uint8Array([2]))
  expect(await unsynced.realPath('/home')).toBe(await below.realPath('/home'))
  expect(await unsynced.space('/home')).toEqual(await below.space('/home'))
  await unsynced.remove('/home/two')
  expect(await below.stat('/home/two')).toBeUndefined()
})
