import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { StorageError } from '../../src/errors.ts'
import { openIndexDatabase } from '../../src/store/open-index-database.ts'
import { filesBelow, temporaryDirectory } from './fixtures.ts'
import { canLock, lockableDirectory } from './read-only.ts'

const value = new Uint8Array([1])

test('keeps what was written', async () => {
  const directory = join(await temporaryDirectory(), 'data')
  const first = await openIndexDatabase(directory, { log: silent })
  await first?.write([{ key: '/a', value }])
  await first?.close()
  const second = await openIndexDatabase(directory, { log: silent })
  expect(await second?.getMany(['/a'])).toHaveLength(1)
  expect((await second?.getMany(['/a']))?.[0]).toBeDefined()
  await second?.close()
})

test('is empty when it is asked to begin anew', async () => {
  const directory = join(await temporaryDirectory(), 'data')
  const first = await openIndexDatabase(directory, { log: silent })
  await first?.write([{ key: '/a', value }])
  await first?.close()
  const second = await openIndexDatabase(directory, { log: silent, anew: true })
  expect(await second?.getMany(['/a'])).toEqual([undefined])
  await second?.close()
})

test('throws away a database that LevelDB cannot open, and says so', async () => {
  for (const name of ['CURRENT', 'MANIFEST-000002']) {
    const directory = join(await temporaryDirectory(), 'data')
    await (await openIndexDatabase(directory, { log: silent }))?.close()
    const [file = ''] = (await filesBelow(directory)).filter(path => path.endsWith(name) || path.includes(name.slice(0, 8)))
    await writeFile(file, 'damage')
    const log: string[] = []
    const database = await openIndexDatabase(directory, { log: line => log.push(line) })
    expect(database).toBeDefined()
    expect(log).toHaveLength(1)
    await database?.close()
  }
})

test('lets nobody else into its directory, also when that is made again', async () => {
  const directory = join(await temporaryDirectory(), 'data')
  for (const anew of [false, true]) {
    await (await openIndexDatabase(directory, { log: silent, anew }))?.close()
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
  }
})

test('refuses when no directory can be there', async () => {
  const home = await temporaryDirectory()
  await writeFile(join(home, 'data'), '')
  await expect(openIndexDatabase(join(home, 'data'), { log: silent })).rejects.toThrow(StorageError)
  await mkdir(join(home, 'other'))
})

test.runIf(canLock)('says of a read-only place what it is, and what to do', async () => {
  const { path, makeReadOnly } = await lockableDirectory()
  const directory = join(path, 'data')
  await (await openIndexDatabase(directory, { log: silent }))?.close()
  const code = await makeReadOnly()
  // Without the right to make names, files below those that are there can still be made.
  for (const refused of code === 'EROFS' ? [directory, join(path, 'other')] : [join(path, 'other')]) {
    const error: unknown = await openIndexDatabase(refused, { log: silent }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StorageError)
    expect(error).toMatchObject({ details: { code, path: refused }, message: expect.stringMatching(/; .* use another directory/) as string })
  }
})

function silent (): void {
  // Nothing is said.
}
