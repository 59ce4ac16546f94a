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
}

/** Checks that a call is refused with the system's code and a message that names the path. */
export async function refused (call: Promise<unknown>, code: string): Promise<void> {
  const error = await call.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(StorageError)
  expect(error).toMatchObject({ retryable: true, details: { code, path: expect.any(String) as string } })
}
