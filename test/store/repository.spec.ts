import { expect, test } from 'vitest'
import { IdentityMismatchError, RepositoryVersionError, StorageError } from '../../src/errors.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { checkRepository, prepareRepository } from '../../src/store/repository.ts'
import { address, otherAddress } from './dags.ts'
import { recording } from './fault-file-systems.ts'
import type { Call } from './fault-file-systems.ts'

const paths = new RepositoryPaths('/')

test('makes a repository once, and knows it again', async () => {
  const fileSystem = new MemoryFileSystem()
  const first = await prepareRepository(fileSystem, paths, address)
  expect(first).toEqual({ address, repositoryId: expect.stringMatching(/^[0-9a-f]{32}$/) as string })
  expect(new TextDecoder().decode(await fileSystem.readFile(paths.version))).toBe('2\n')
  const calls: Call[] = []
  const again = recording(fileSystem, calls)
  await checkRepository(again, paths, address)
  expect(await prepareRepository(again, paths, address)).toEqual(first)
  expect(calls).toEqual([])
  expect((await prepareRepository(new MemoryFileSystem(), paths, address)).repositoryId).not.toBe(first.repositoryId)
})

test('says whose it is and that this is on the drive before it is used', async () => {
  const calls: Call[] = []
  await prepareRepository(recording(new MemoryFileSystem(), calls), paths, address)
  expect(calls.map(({ name, sync, to }) => [name, sync ?? to])).toEqual([
    ['writeFile', true], ['rename', paths.identity], ['writeFile', true], ['rename', paths.version], ['syncDirectory', undefined]
  ])
})

test('refuses another key', async () => {
  const fileSystem = new MemoryFileSystem()
  await prepareRepository(fileSystem, paths, address)
  const error = await checkRepository(fileSystem, paths, otherAddress).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(IdentityMismatchError)
  expect(error).toMatchObject({ details: { expected: address, actual: otherAddress } })
})

test('refuses every version that it does not know', async () => {
  for (const [text, message] of [['3\n', 'newer release (version 3'], ['10', 'version 10'], ['0\n', 'version 0'], ['x', '"x"'], ['', '""'], ['1.0', '"1.0"']]) {
    const fileSystem = new MemoryFileSystem()
    await fileSystem.writeFile(paths.version, [Buffer.from(text ?? '')])
    const error = await checkRepository(fileSystem, paths, address).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RepositoryVersionError)
    expect(error).toMatchObject({ message: expect.stringContaining(message ?? '') as string })
  }
})

test('takes a version with and without the end of its line', async () => {
  for (const text of ['1', '1\n', '2', '2\n']) {
    const fileSystem = new MemoryFileSystem()
    await fileSystem.writeFile(paths.version, [Buffer.from(text)])
    await checkRepository(fileSystem, paths, address)
  }
})

test('does not guess whose a repository is', async () => {
  for (const text of ['', '{}', 'null', `{"address":"${address.toUpperCase()}","repositoryId":"${'0'.repeat(32)}"}`, `{"address":"${address}","repositoryId":"0"}`]) {
    const fileSystem = new MemoryFileSystem()
    await fileSystem.writeFile(paths.identity, [Buffer.from(text)])
    await expect(checkRepository(fileSystem, paths, address)).rejects.toThrow(StorageError)
  }
})
