import { execFile } from 'node:child_process'
import { closeSync } from 'node:fs'
import { chmod, mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test, vi } from 'vitest'
import { fileCalls } from '../../src/store/file-calls.ts'
import { NodeFileSystem } from '../../src/store/node-file-system.ts'
import { followsTheRules, refused } from './file-system-rules.ts'
import { temporaryDirectory } from './fixtures.ts'
import { canLock, lockableDirectory } from './read-only.ts'

const run = promisify(execFile)

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

test('gives what was read before its file is closed, and says when no such file is open any more', async () => {
  const home = await temporaryDirectory()
  const fileSystem = new NodeFileSystem()
  await writeFile(join(home, 'file'), 'text')
  const isClosed = Promise.withResolvers<undefined>()
  const close = vi.spyOn(fileCalls, 'close').mockImplementation(() => isClosed.promise)
  onTestFinished(() => { vi.restoreAllMocks() })
  await fileSystem.settled()
  expect(await fileSystem.readFile(join(home, 'file'), { offset: 1, length: 2 })).toEqual(new Uint8Array(Buffer.from('ex')))
  const settled = vi.fn<() => void>()
  const settling = fileSystem.settled().then(settled)
  await fileSystem.stat(home)
  expect(settled).not.toHaveBeenCalled()
  closeSync(close.mock.calls[0]?.[0] ?? -1)
  isClosed.reject(new Error('the drive is gone'))
  await settling
  expect(settled).toHaveBeenCalledOnce()
})

test('does not measure a file of which it is told how much to expect', async () => {
  const home = await temporaryDirectory()
  const fileSystem = new NodeFileSystem()
  await writeFile(join(home, 'file'), 'text')
  const calls = (['fstat', 'read'] as const).map(name => vi.spyOn(fileCalls, name))
  onTestFinished(() => { vi.restoreAllMocks() })
  expect(await fileSystem.readFile(join(home, 'file'), { offset: 0, length: 5, expected: 4 })).toEqual(new Uint8Array(Buffer.from('text')))
  expect(calls.map(({ mock }) => mock.calls.length)).toEqual([0, 1])
  expect(await fileSystem.readFile(join(home, 'file'), { offset: 0, length: 5 })).toEqual(new Uint8Array(Buffer.from('text')))
  expect(calls.map(({ mock }) => mock.calls.length)).toEqual([1, 2])
})

test('says of a name that is too long what the system says', async () => {
  const fileSystem = new NodeFileSystem()
  const path = join(await temporaryDirectory(), 'x'.repeat(300))
  await refused(fileSystem.readFile(path), 'ENAMETOOLONG')
  await refused(fileSystem.stat(path), 'ENAMETOOLONG')
  await refused(fileSystem.remove(path), 'ENAMETOOLONG')
})

test('waits for a descriptor when there is none, and then says so: never that something is missing', async () => {
  const home = await temporaryDirectory()
  await writeFile(join(home, 'file'), 'text')
  const program = join(import.meta.dirname, 'descriptors-child.ts')
  const { stdout } = await run('sh', ['-c', 'ulimit -n 64 && exec "$@"', 'sh', process.execPath, program, home])
  const found = JSON.parse(stdout) as { later: unknown[], never: { code: string, message: string }[], without: unknown }
  expect(found.later).toEqual(['text', 'nothing'])
  expect(found.never.map(({ code }) => code)).toEqual(Array.from({ length: 5 }, () => 'EMFILE'))
  for (const { message } of found.never) expect(message).toContain('ulimit -n')
  expect(found.without).toEqual({ type: 'file', bytes: 3 })
})

test.runIf(process.platform === 'linux')('refuses to make a directory where none can be, and comes to an end', async () => {
  const fileSystem = new NodeFileSystem()
  await refused(fileSystem.makeDirectory('/proc/x/y'), 'ENOENT')
})

test.runIf(canLock)('says of a read-only place what it is, and what to do', async () => {
  const { path, makeReadOnly } = await lockableDirectory()
  const fileSystem = new NodeFileSystem()
  await fileSystem.makeDirectory(join(path, 'have'))
  await fileSystem.writeFile(join(path, 'file'), [Buffer.from('text')], { sync: true })
  const code = await makeReadOnly()
  await refused(fileSystem.makeDirectory(join(path, 'a', 'b')), code)
  await refused(fileSystem.writeFile(join(path, 'new'), [], { sync: true }), code)
  await refused(fileSystem.rename(join(path, 'file'), join(path, 'new')), code)
  await refused(fileSystem.remove(join(path, 'file')), code)
  await fileSystem.makeDirectory(join(path, 'have'))
  await expect(fileSystem.makeDirectory(join(path, 'a'))).rejects.toThrow(/; .* or use another directory/)
})
