import { join } from 'node:path'
import { expect, test } from 'vitest'
import { StorageError } from '../../src/errors.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { pathOf, readBlock, unlessDamaged } from '../../src/store/read-block.ts'
import { raw } from './dags.ts'
import { WatchedFileSystem } from './fault-file-systems.ts'

const paths = new RepositoryPaths('/')
const { cid, bytes } = raw('one', 100)
const file = paths.block(cid).file
const inFile = { place: 'file', offset: 0, length: 100, root: 'root' } as const
const inCar = { place: 'car', offset: 7, length: 100, root: 'root' } as const

test('reads a block from its file and from a CAR', async () => {
  const fileSystem = await withFile(file, bytes)
  expect(await readBlock({ fileSystem, paths }, cid, inFile)).toEqual(bytes)
  await fileSystem.makeDirectory(paths.bundles)
  await fileSystem.writeFile(paths.car('root'), [new Uint8Array(7), bytes, new Uint8Array(7)])
  expect(await readBlock({ fileSystem, paths }, cid, inCar)).toEqual(bytes)
  expect([inFile, inCar].map(site => pathOf(paths, cid, site))).toEqual([file, paths.car('root')])
})

test('says what is wrong with a file', async () => {
  const cases: [Uint8Array | undefined, string][] = [
    [undefined, 'is missing'],
    [new Uint8Array(0), 'has 0 of 100 bytes'],
    [bytes.subarray(1), 'has 99 of 100 bytes'],
    [Buffer.concat([bytes, new Uint8Array(1)]), 'has more than 100 bytes'],
    [new Uint8Array(100), 'has other bytes than its CID says']
  ]
  for (const [found, what] of cases) {
    const fileSystem = await withFile(file, found)
    expect(await readBlock({ fileSystem, paths }, cid, inFile)).toEqual({ path: file, what })
  }
  const fileSystem = await withFile(file, bytes)
  expect(await readBlock({ fileSystem, paths }, cid, { ...inFile, place: 'elsewhere' })).toEqual({ path: file, what: 'is missing' })
  await fileSystem.remove(file)
  await fileSystem.makeDirectory(file)
  expect(await readBlock({ fileSystem, paths }, cid, inFile)).toMatchObject({ path: file, what: 'is a directory' })
})

test('tells a file that cannot be read from a system that is busy', async () => {
  for (const [code, isDamage] of [
    ['EIO', true], ['EACCES', true], ['EPERM', true], ['ELOOP', true], ['ENOTDIR', true], ['EISDIR', true],
    ['EMFILE', false], ['ENFILE', false], ['ENOMEM', false], ['EAGAIN', false], [undefined, false]
  ] as const) {
    const error = new StorageError('no', { code })
    const read = (): Promise<never> => Promise.reject(error)
    if (isDamage) expect(await unlessDamaged(file, read)).toMatchObject({ path: file, cause: error })
    else await expect(unlessDamaged(file, read)).rejects.toBe(error)
  }
  const other = new Error('a mistake')
  await expect(unlessDamaged(file, () => Promise.reject(other))).rejects.toBe(other)
})

test('reads no more of a file than the block and what tells that there is more', async () => {
  const asked: number[] = []
  const below = await withFile(file, new Uint8Array(1_000_000))
  const fileSystem = new WatchedFileSystem(below, async (call, make) => {
    const result = await make()
    if (call.name === 'readFile' && result instanceof Uint8Array) asked.push(result.byteLength)
    return result
  })
  await readBlock({ fileSystem, paths }, cid, inFile)
  expect(asked).toEqual([101])
})

async function withFile (path: string, content: Uint8Array | undefined): Promise<MemoryFileSystem> {
  const fileSystem = new MemoryFileSystem()
  await fileSystem.makeDirectory(join(path, '..'))
  if (content !== undefined) await fileSystem.writeFile(path, [content])
  return fileSystem
}
