import { expect, test } from 'vitest'
import { partialNoteBytesMax } from '../../src/limits.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { PartialMarks } from '../../src/store/partial-marks.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { raw } from './dags.ts'
import { FailingFileSystem, PowerCutFileSystem } from './fault-file-systems.ts'

const paths = new RepositoryPaths('/')
const { cid } = raw('root')
const root = cid.toString()
const [one, two] = [{}, {}]

test('says when a bundle was used last, and how it was written', async () => {
  const { marks } = await made()
  await marks.place(root, one)
  expect(await marks.list()).toEqual([{ root: cid, note: { usedAt: 1000, durability: 'process-crash' } }])
})

test('has a mark on the drive once it is placed', async () => {
  const disk = new PowerCutFileSystem()
  const { marks } = await made(disk)
  await marks.place(root, one)
  const after = await disk.afterCut()
  const found = await new PartialMarks({ ...init(), fileSystem: after }).list()
  expect(found.map(({ note }) => note?.usedAt)).toEqual([1000])
})

test('removes a mark for the one who placed it last alone', async () => {
  const { marks } = await made()
  await marks.place(root, one)
  await marks.place(root, two)
  await marks.remove(root, one)
  expect(await marks.list()).toHaveLength(1)
  await Promise.all([marks.remove(root, two), marks.remove(root, two)])
  expect(await marks.list()).toEqual([])
  const found = await made()
  await found.marks.place(root, one)
  found.marks.own(root, two)
  await found.marks.remove(root, one)
  expect(await found.marks.list()).toHaveLength(1)
})

test('gives a mark that cannot be read without a note, and removes what is none', async () => {
  const { fileSystem, marks } = await made()
  await marks.place(root, one)
  const texts = { [raw('empty').cid.toString()]: '', [raw('long').cid.toString()]: `{"usedAt":1,${' '.repeat(partialNoteBytesMax)}"durability":"power-cut"}` }
  for (const [name, text] of Object.entries(texts)) await fileSystem.writeFile(paths.partial(name), [Buffer.from(text)], { sync: false })
  await fileSystem.makeDirectory(paths.partial(raw('directory').cid.toString()))
  for (const name of ['notes.txt', cid.toV1().toString().toUpperCase(), 'bafy', `${root}.tmp`]) {
    await fileSystem.writeFile(paths.partial(name), [], { sync: false })
  }
  const found = await marks.list()
  expect(found.map(({ note }) => note !== undefined).sort()).toEqual([false, false, false, true])
  expect(await fileSystem.list(paths.partials)).toHaveLength(4)
})

test('leaves to the next open what cannot be removed, and says so', async () => {
  const lines: string[] = []
  const fileSystem = new FailingFileSystem(new MemoryFileSystem())
  const { marks } = await made(fileSystem, lines)
  await marks.place(root, one)
  fileSystem.from('before', () => true)
  await marks.sweep([root])
  expect(lines).toEqual([expect.stringContaining(`${root} stays`)])
})

function init (): { paths: RepositoryPaths, durability: 'process-crash', clock: () => number, log: (line: string) => void } {
  return { paths, durability: 'process-crash', clock: () => 1000, log: () => {} }
}

async function made<T extends FailingFileSystem | MemoryFileSystem | PowerCutFileSystem> (
  fileSystem: T | MemoryFileSystem = new MemoryFileSystem(), lines: string[] = []
): Promise<{ fileSystem: T | MemoryFileSystem, marks: PartialMarks }> {
  await fileSystem.makeDirectory(paths.temp)
  return { fileSystem, marks: new PartialMarks({ ...init(), fileSystem, log: line => lines.push(line) }) }
}
