import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { NodeFileSystem } from '../../src/store/node-file-system.ts'
import { followsTheRules, refused } from './file-system-rules.ts'
import { temporaryDirectory } from './fixtures.ts'

followsTheRules(async () => ({ fileSystem: new NodeFileSystem(), home: await temporaryDirectory() }))

test('follows links to the one name of a place', async () => {
  const home = await temporaryDirectory()
  const fileSystem = new NodeFileSystem()
  await symlink(home, join(home, 'link'))
  expect(await fileSystem.realPath(join(home, 'link'))).toBe(await fileSystem.realPath(home))
})

test('lets nobody else into a directory that it makes, and leaves one that exists as it is', async () => {
  const home = await temporaryDirectory()
  const fileSystem = new NodeFileSystem()
  await mkdir(join(home, 'shared'))
  await chmod(join(home, 'shared'), 0o755)
  await fileSystem.makeDirectory(join(home, 'shared', 'one', 'two'))
  const modes = ['shared', 'shared/one', 'shared/one/two'].map(async path => (await stat(join(home, path))).mode & 0o777)
  expect(await Promise.all(modes)).toEqual([0o755, 0o700, 0o700])
})

test('gives a file back that it opened, also when reading it is refused', async () => {
  const home = await temporaryDirectory()
  const fileSystem = new NodeFileSystem()
  await writeFile(join(home, 'file'), 'text')
  const before = await fileSystem.list('/proc/self/fd')
  for (let round = 0; round < 20; round++) {
    await fileSystem.readFile(join(home, 'file'), { offset: 0, length: 1 })
    await refused(fileSystem.readFile(home, { offset: 0, length: 1 }), 'EISDIR')
    await refused(fileSystem.writeFile(join(home, 'file'), [], { sync: true }), 'EEXIST')
  }
  expect((await fileSystem.list('/proc/self/fd')).length).toBeLessThanOrEqual(before.length + 1)
})

test('says of a name that is too long what the system says', async () => {
  const fileSystem = new NodeFileSystem()
  const path = join(await temporaryDirectory(), 'x'.repeat(300))
  await refused(fileSystem.readFile(path), 'ENAMETOOLONG')
  await refused(fileSystem.stat(path), 'ENAMETOOLONG')
  await refused(fileSystem.remove(path), 'ENAMETOOLONG')
})
