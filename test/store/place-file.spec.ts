import { expect, test } from 'vitest'
import { StorageError } from '../../src/errors.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { placeFile } from '../../src/store/place-file.ts'
import { FailingFileSystem, recording } from './fault-file-systems.ts'
import type { Call } from './fault-file-systems.ts'

const paths = new RepositoryPaths('/repository')
const [one, two] = [new Uint8Array([1]), new Uint8Array([2])]

test('writes a file under another name first, in place of what was there', async () => {
  const fileSystem = await emptyRepository()
  const calls: Call[] = []
  for (const [bytes, sync] of [[one, true], [two, false]] as const) {
    calls.length = 0
    await placeFile(recording(fileSystem, calls), paths, paths.lock, [bytes], { sync })
    expect(await fileSystem.readFile(paths.lock)).toEqual(bytes)
    expect(calls.map(call => [call.name, call.to ?? call.sync])).toEqual([['writeFile', sync], ['rename', paths.lock]])
  }
})

test('leaves the old file and nothing else when the drive refuses', async () => {
  for (const when of ['before', 'after'] as const) {
    for (const n of [1, 2]) {
      const fileSystem = await emptyRepository()
      const failing = new FailingFileSystem(fileSystem)
      await placeFile(failing, paths, paths.lock, [one], { sync: true })
      failing.from(when, call => call === n)
      await expect(placeFile(failing, paths, paths.lock, [two], { sync: true })).rejects.toThrow(StorageError)
      expect(await fileSystem.list(paths.temp)).toEqual([])
      if (when === 'before' || n === 1) expect(await fileSystem.readFile(paths.lock)).toEqual(one)
    }
  }
})

test('says why the drive refused, also when it keeps what was written', async () => {
  const failing = new FailingFileSystem(await emptyRepository())
  failing.from('before', n => n >= 2)
  await expect(placeFile(failing, paths, paths.lock, [one], { sync: true })).rejects.toMatchObject({ details: { operation: 'rename' } })
})

async function emptyRepository (): Promise<MemoryFileSystem> {
  const fileSystem = new MemoryFileSystem()
  await fileSystem.makeDirectory(paths.temp)
  return fileSystem
}
