import { join } from 'node:path'
import { expect, test } from 'vitest'
import { StorageError } from '../../src/errors.ts'
import type { FileSystem } from '../../src/store/file-system.ts'

/** What every file system does, run against one. */
export function followsTheRules (make: () => Promise<{ fileSystem: FileSystem, home: string }>): void {
  const bytes = (...values: number[]): Uint8Array => new Uint8Array(values)

  test('writes pieces one after the other and reads them, whole and in part', async () => {
    const { fileSystem, home } = await make()
    const path = join(home, 'file')
    for (const sync of [true, false]) {
      await fileSystem.writeFile(path, [bytes(1, 2), bytes(), bytes(3)], { sync })
      expect(await fileSystem.readFile(path)).toEqual(bytes(1, 2, 3))
      expect(await fileSystem.readFile(path, { offset: 1, length: 1 })).toEqual(bytes(2))
      expect(await fileSystem.readFile(path, { offset: 1, length: 9 })).toEqual(bytes(2, 3))
      expect(await fileSystem.readFile(path, { offset: 4, length: 1 })).toEqual(bytes())
      for (const expected of [0, 1, 2, 3, 9]) {
        const read = await fileSystem.readFile(path, { offset: 1, length: 9, expected }) ?? expect.fail()
        expect(read.byteLength).toBeGreaterThanOrEqual(Math.min(expected, 2))
        expect(read).toEqual(bytes(2, 3).subarray(0, read.byteLength))
      }
      await fileSystem.remove(path)
    }
    await fileSystem.writeFile(path, [], { sync: true })
    expect(await fileSystem.readFile(path)).toEqual(bytes())
  })

  test('takes more pieces and bytes than one system call does', async () => {
    const { fileSystem, home } = await make()
    const pieces = Array.from({ length: 3000 }, (_, at) => new Uint8Array(1000).fill(at))
    await fileSystem.writeFile(join(home, 'file'), pieces, { sync: true })
    expect(Buffer.concat(pieces).equals(await fileSystem.readFile(join(home, 'file')) ?? bytes())).toBe(true)
  })

  test('writes over nothing', async () => {
    const { fileSystem, home } = await make()
    await fileSystem.writeFile(join(home, 'file'), [bytes(1)], { sync: false })
    await refused(fileSystem.writeFile(join(home, 'file'), [bytes(2)], { sync: false }), 'EEXIST')
    expect(await fileSystem.readFile(join(home, 'file'))).toEqual(bytes(1))
  })

  test('tells what is missing from what is refused', async () => {
    const { fileSystem, home } = await make()
    const missing = join(home, 'missing')
    expect(await fileSystem.readFile(missing)).toBeUndefined()
    expect(await fileSystem.readFile(missing, { offset: 0, length: 1 })).toBeUndefined()
    expect(await fileSystem.stat(missing)).toBeUndefined()
    expect(await fileSystem.list(missing)).toEqual([])
    await fileSystem.remove(missing)
    await refused(fileSystem.readFile(home), 'EISDIR')
    await refused(fileSystem.readFile(home, { offset: 0, length: 1 }), 'EISDIR')
    await refused(fileSystem.rename(missing, join(home, 'other')), 'ENOENT')
    await refused(fileSystem.writeFile(join(missing, 'file'), [], { sync: false }), 'ENOENT')
    await refused(fileSystem.syncDirectory(missing), 'ENOENT')
    await fileSystem.writeFile(join(home, 'file'), [], { sync: false })
    await refused(fileSystem.list(join(home, 'file')), 'ENOTDIR')
    await refused(fileSystem.makeDirectory(join(home, 'file', 'below')), 'ENOTDIR')
  })

  test('renames in place of what was there', async () => {
    const { fileSystem, home } = await make()
    await fileSystem.writeFile(join(home, 'one'), [bytes(1)], { sync: false })
    await fileSystem.writeFile(join(home, 'two'), [bytes(2)], { sync: false })
    await fileSystem.rename(join(home, 'one'), join(home, 'two'))
    expect(await fileSystem.list(home)).toEqual(['two'])
    expect(await fileSystem.readFile(join(home, 'two'))).toEqual(bytes(1))
  })

  test('renames a directory with what is in it, but over nothing that is in the way', async () => {
    const { fileSystem, home } = await make()
    const [one, two, three] = ['one', 'two', 'three'].map(name => join(home, name)) as [string, string, string]
    await fileSystem.makeDirectory(join(one, 'below'))
    await fileSystem.writeFile(join(one, 'below', 'file'), [bytes(1)], { sync: false })
    await fileSystem.rename(one, two)
    expect(await fileSystem.readFile(join(two, 'below', 'file'))).toEqual(bytes(1))
    expect(await fileSystem.stat(one)).toBeUndefined()
    await fileSystem.writeFile(one, [bytes(2)], { sync: false })
    await refused(fileSystem.rename(two, one), 'ENOTDIR')
    await refused(fileSystem.rename(one, two), 'EISDIR')
    await refused(fileSystem.rename(two, join(two, 'below', 'itself')), 'EINVAL')
    await fileSystem.makeDirectory(join(three, 'below'))
    await refused(fileSystem.rename(two, three), 'ENOTEMPTY')
    await fileSystem.remove(join(three, 'below'))
    await fileSystem.rename(two, three)
    expect(await fileSystem.list(three)).toEqual(['below'])
  })

  test('removes files and empty directories, and nothing that is in a directory', async () => {
    const { fileSystem, home } = await make()
    const directory = join(home, 'directory')
    await fileSystem.makeDirectory(directory)
    await fileSystem.writeFile(join(directory, 'file'), [bytes(1)], { sync: false })
    await refused(fileSystem.remove(directory), 'ENOTEMPTY')
    await fileSystem.remove(join(directory, 'file'))
    await fileSystem.remove(directory)
    expect(await fileSystem.list(home)).toEqual([])
  })

  test('makes directories, lists and examines them', async () => {
    const { fileSystem, home } = await make()
    await fileSystem.makeDirectory(join(home, 'one', 'two'))
    await fileSystem.makeDirectory(join(home, 'one', 'two'))
    await fileSystem.writeFile(join(home, 'one', 'file'), [bytes(1, 2)], { sync: false })
    expect((await fileSystem.list(join(home, 'one'))).sort()).toEqual(['file', 'two'])
    expect(await fileSystem.stat(join(home, 'one'))).toMatchObject({ type: 'directory' })
    expect(await fileSystem.stat(join(home, 'one', 'file'))).toEqual({ type: 'file', bytes: 2 })
    await fileSystem.syncDirectory(join(home, 'one'))
    expect(await fileSystem.realPath(join(home, 'one', '..', 'one'))).toBe(await fileSystem.realPath(join(home, 'one')))
  })

  test('says of what type and how large the file system of a path is', async () => {
    const { fileSystem, home } = await make()
    await fileSystem.writeFile(join(home, 'file'), [bytes(1)], { sync: false })
    for (const path of [home, join(home, 'file')]) {
      const { type, bytesTotal, bytesFree, filesTotal, filesFree } = await fileSystem.space(path)
      expect(type).toMatch(/^[a-z0-9-]+$/)
      expect(bytesTotal).toBeGreaterThan(0)
      for (const count of [bytesTotal, bytesFree, filesTotal, filesFree]) expect(Number.isSafeInteger(count) && count >= 0).toBe(true)
      expect(filesFree).toBeLessThanOrEqual(filesTotal)
    }
    await refused(fileSystem.space(join(home, 'missing')), 'ENOENT')
  })
}

/** Checks that a call is refused with the system's code and a message that names the path. */
export async function refused (call: Promise<unknown>, code: string): Promise<void> {
  const error = await call.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(StorageError)
  expect(error).toMatchObject({ retryable: true, details: { code, path: expect.any(String) as string } })
}
