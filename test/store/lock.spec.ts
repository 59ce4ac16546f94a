import { writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { RepositoryLockedError } from '../../src/errors.ts'
import { lockedError, lockInProcess, readHolder, writeHolder } from '../../src/store/lock.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { openStore } from '../../src/store/store.ts'
import { startChild } from './children.ts'
import { address, temporaryDirectory } from './fixtures.ts'

test('gives a place to one holder of a process until it is given back', () => {
  const giveBack = lockInProcess('/place')
  expect(() => lockInProcess('/place')).toThrow(RepositoryLockedError)
  const other = lockInProcess('/other place')
  giveBack()
  const again = lockInProcess('/place')
  giveBack()
  expect(() => lockInProcess('/place')).toThrow(`held by process ${process.pid} on ${hostname()} since `)
  again()
  other()
})

test('knows of the places that another copy of the module holds', async () => {
  vi.resetModules()
  const copy = await import('../../src/store/lock.ts')
  expect(copy.lockInProcess).not.toBe(lockInProcess)
  const giveBack = copy.lockInProcess('/place')
  expect(() => lockInProcess('/place')).toThrow(expect.objectContaining({ name: 'RepositoryLockedError' }))
  giveBack()
  lockInProcess('/place')()
})

test('leaves the name of the holder in the repository, in place of another one', async () => {
  const fileSystem = new MemoryFileSystem()
  const paths = new RepositoryPaths('/repository')
  await fileSystem.makeDirectory(paths.temp)
  expect(await readHolder(fileSystem, paths)).toBeUndefined()
  await fileSystem.writeFile(paths.lock, [Buffer.from('nonsense')])
  expect(await readHolder(fileSystem, paths)).toBeUndefined()
  await writeHolder(fileSystem, paths)
  expect(await readHolder(fileSystem, paths)).toMatchObject({ pid: process.pid, host: hostname() })
})

test('says that another process holds it when no name is known', () => {
  expect(lockedError('/place', undefined).message).toBe('The repository /place is held by another process; stop that node, or use another home')
})

test('refuses a repository that another process holds, and names it; it is free as soon as that is killed', async () => {
  const path = await temporaryDirectory()
  const child = await startChild(path, 'seed', 'hold')
  for (let attempt = 0; attempt < 2; attempt++) {
    const error = await openStore({ path, address }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RepositoryLockedError)
    expect(error).toMatchObject({ retryable: true, details: { pid: child.pid, host: hostname() } })
  }
  await writeFile(join(path, 'lock'), '')
  await expect(openStore({ path, address })).rejects.toThrow('held by another process')
  await child.kill()
  const store = await openStore({ path, address })
  await store.close()
})
