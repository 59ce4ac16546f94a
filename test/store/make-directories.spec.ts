import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeDirectories } from '../../src/store/make-directories.ts'
import { temporaryDirectory } from './fixtures.ts'
import { canLock, lockableDirectory } from './read-only.ts'

test('makes a directory and those above it, with the mode that is said', async () => {
  const home = await temporaryDirectory()
  await makeDirectories(join(home, 'a', 'b', 'c'), 0o700)
  for (const path of ['a', 'a/b', 'a/b/c']) expect((await stat(join(home, path))).mode & 0o777).toBe(0o700)
})

test('leaves what exists as it is, also where it is a link', async () => {
  const home = await temporaryDirectory()
  await mkdir(join(home, 'a'))
  await chmod(join(home, 'a'), 0o755)
  await symlink(join(home, 'a'), join(home, 'link'))
  await makeDirectories(join(home, 'link', 'b'), 0o700)
  await makeDirectories(join(home, 'link'), 0o700)
  await makeDirectories(home)
  await makeDirectories('/')
  await makeDirectories('.')
  expect((await stat(join(home, 'a'))).mode & 0o777).toBe(0o755)
  expect((await stat(join(home, 'a', 'b'))).isDirectory()).toBe(true)
})

test('makes what many ask for at the same time', async () => {
  const home = await temporaryDirectory()
  await Promise.all(Array.from({ length: 50 }, async (_, index) => makeDirectories(join(home, 'a', 'b', 'c', String(index % 3)))))
  expect((await stat(join(home, 'a', 'b', 'c', '2'))).isDirectory()).toBe(true)
})

test('refuses a file in the place of a directory, and below it', async () => {
  const home = await temporaryDirectory()
  await writeFile(join(home, 'file'), '')
  await expect(makeDirectories(join(home, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeDirectories(join(home, 'file', 'a', 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  await symlink(join(home, 'missing'), join(home, 'link'))
  await expect(makeDirectories(join(home, 'link'))).rejects.toMatchObject({ code: 'EEXIST' })
})

test.runIf(process.platform === 'linux')('comes to an end where nothing can be made although the directory above is there', async () => {
  await expect(makeDirectories('/proc/x')).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(makeDirectories('/proc/x/y/z')).rejects.toMatchObject({ code: 'ENOENT' })
})

test.runIf(canLock)('says of a read-only place what the system says, and finds what is there', async () => {
  const { path, makeReadOnly } = await lockableDirectory()
  await mkdir(join(path, 'have'))
  const code = await makeReadOnly()
  await expect(makeDirectories(join(path, 'a'))).rejects.toMatchObject({ code })
  await expect(makeDirectories(join(path, 'a', 'b', 'c'))).rejects.toMatchObject({ code })
  await makeDirectories(join(path, 'have'))
})
