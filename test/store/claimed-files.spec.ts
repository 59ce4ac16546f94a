import { expect, test } from 'vitest'
import { blockKey } from '../../src/store/block-key.ts'
import { ClaimedFiles } from '../../src/store/claimed-files.ts'
import { CommitList } from '../../src/store/commit-list.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { raw } from './dags.ts'
import { FailingFileSystem } from './fault-file-systems.ts'
import { makeParts } from './fixtures.ts'

const { cid, bytes } = raw('one')
const other = raw('other')

test('removes a file with the last claim on it, and says what is gone', async () => {
  const parts = await makeParts()
  const [one, two] = [new ClaimedFiles(parts), new ClaimedFiles(parts)]
  await one.write(cid, bytes)
  await one.write(cid, bytes)
  await one.write(other.cid, other.bytes)
  two.claim(cid, bytes.byteLength)
  expect(await one.release()).toEqual({ bytes: other.bytes.byteLength, files: 1 })
  expect(await parts.fileSystem.stat(parts.paths.block(cid).file)).toBeDefined()
  expect(await two.release()).toEqual({ bytes: bytes.byteLength, files: 1 })
  expect(await two.release()).toEqual({ bytes: 0, files: 0 })
  expect(await parts.fileSystem.stat(parts.paths.block(cid).file)).toBeUndefined()
})

test('leaves what is needed, what a bundle lists, and everything once it is abandoned', async () => {
  const parts = await makeParts()
  const files = new ClaimedFiles(parts)
  await files.write(cid, bytes)
  await files.release(() => true)
  expect(await parts.fileSystem.stat(parts.paths.block(cid).file)).toBeDefined()
  const index = { haveFiles: (keys: readonly string[]) => Promise.resolve(keys.map(() => true)) }
  const listed = new ClaimedFiles({ ...parts, index: index as unknown as typeof parts.index })
  await listed.write(other.cid, other.bytes)
  expect(await listed.release()).toEqual({ bytes: 0, files: 0 })
  files.abandon()
  expect(await files.release()).toEqual({ bytes: 0, files: 0 })
  for (const one of [cid, other.cid]) expect(await parts.fileSystem.stat(parts.paths.block(one).file)).toBeDefined()
  expect([files.isLeaking, listed.isLeaking]).toEqual([true, false])
})

test('asks the index for no block of which it was said that a bundle lists it in a file', async () => {
  const parts = await makeParts()
  const asked: string[] = []
  const index = { haveFiles: (keys: readonly string[]) => {
    asked.push(...keys)
    return Promise.resolve(keys.map(() => false))
  } }
  const files = new ClaimedFiles({ ...parts, index: index as unknown as typeof parts.index })
  for (const block of [{ cid, bytes }, other]) await files.write(block.cid, block.bytes)
  const list = new CommitList()
  list.add({ cid, place: 'file', length: bytes.byteLength })
  list.add({ cid: other.cid, place: 'car', length: other.bytes.byteLength })
  files.listed(list)
  expect(await files.release()).toEqual({ bytes: other.bytes.byteLength, files: 1 })
  expect(asked).toEqual([blockKey(other.cid)])
  expect(await parts.fileSystem.stat(parts.paths.block(cid).file)).toBeDefined()
})

test('says once that files stay when they cannot be removed', async () => {
  const lines: string[] = []
  const fileSystem = new FailingFileSystem(new MemoryFileSystem())
  const files = new ClaimedFiles(await makeParts({ fileSystem, log: line => lines.push(line) }))
  for (const block of [{ cid, bytes }, other]) await files.write(block.cid, block.bytes)
  expect(files.isLeaking).toBe(false)
  fileSystem.from('before', () => true)
  await files.release()
  expect(files.isLeaking).toBe(true)
  expect(lines).toEqual([expect.stringContaining('until the repository is opened again')])
})
