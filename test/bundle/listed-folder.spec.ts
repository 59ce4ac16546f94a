import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ListedFolder } from '../../src/bundle/listed-folder.ts'
import { SourceList } from '../../src/bundle/source-list.ts'
import { openSourcePath } from '../../src/bundle/source-path.ts'
import { SourceChangedError } from '../../src/errors.ts'
import { folderFilesUnchecked } from '../../src/limits.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'datanode-folder-'))
})

afterEach(async () => {
  vi.restoreAllMocks()
  await rm(directory, { recursive: true })
})

/** What is read of each file of a folder once `meanwhile` has run, in its place before the one at this index. */
async function readAll (
  folder: string, meanwhile: () => Promise<void>, { before = 0, read = [] }: { before?: number, read?: string[] } = {}
): Promise<string[]> {
  const list = new SourceList()
  for await (const entry of openSourcePath(folder, 'n', 10_000)) list.push(entry)
  for (const entry of list) {
    if (entry.type !== 'file') continue
    if (read.length === before) await meanwhile()
    read.push(Buffer.concat(await Array.fromAsync(entry.open({}), piece => Buffer.from(piece))).toString())
  }
  return read
}

async function write (folder: string, files: number, text: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (let at = 0; at < files; at++) await writeFile(join(folder, `${1_000 + at}`), text)
}

async function swap (folder: string, other: string): Promise<void> {
  await rename(folder, `${folder}-was`)
  await symlink(other, folder)
}

test('reads no file of a folder that a link has taken the place of since it was listed', async () => {
  const [own, other] = [join(directory, 'own'), join(directory, 'other')]
  await write(own, 3, 'mine')
  await write(other, 3, 'secret')
  const read: string[] = []
  await expect(readAll(own, async () => { await swap(own, other) }, { read })).rejects.toThrow(SourceChangedError)
  expect(read).toEqual([])
  await expect(readAll(own, async () => {})).rejects.toThrow(/is a symbolic link/)
})

test('reads no file of one above which that has happened, however deep', async () => {
  await write(join(directory, 'own/a/b'), 2, 'mine')
  await write(join(directory, 'other/b'), 2, 'secret')
  const read: string[] = []
  const refused = readAll(join(directory, 'own'), async () => { await swap(join(directory, 'own/a'), join(directory, 'other')) }, { read })
  await expect(refused).rejects.toMatchObject({ name: 'SourceChangedError', details: { path: join(directory, 'own/a/b') } })
  expect(read).toEqual([])
})

test.each([1, 2])('notices at the end of a folder that it happened while its files were read: before file %i', async before => {
  const [own, other] = [join(directory, 'own'), join(directory, 'other')]
  await write(own, 3, 'mine')
  await write(other, 3, 'secret')
  await expect(readAll(own, async () => { await swap(own, other) }, { before })).rejects.toThrow(SourceChangedError)
})

test('notices that a folder is gone, or a file now', async () => {
  const own = join(directory, 'own')
  await write(own, 1, 'mine')
  await expect(readAll(own, async () => { await rm(own, { recursive: true }) })).rejects.toThrow(SourceChangedError)
  await write(own, 1, 'mine')
  await expect(readAll(own, async () => {
    await rm(own, { recursive: true })
    await writeFile(own, '')
  })).rejects.toThrow(SourceChangedError)
})

test('looks once for many files, and for each stretch of them when they are read one after the other', async () => {
  const check = vi.spyOn(ListedFolder.prototype, 'check')
  const own = join(directory, 'own')
  await write(own, 3 * folderFilesUnchecked, 'x')
  let listed = 0
  const read = await readAll(own, async () => { listed = await Promise.resolve(check.mock.calls.length) })
  expect(read).toEqual(Array.from({ length: 3 * folderFilesUnchecked }, () => 'x'))
  // Three stretches, and the end.
  expect([listed, check.mock.calls.length - listed]).toEqual([1, 4])
})
