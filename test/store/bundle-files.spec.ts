import { CarReader } from '@ipld/car'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { NewerFormatError, StorageError } from '../../src/errors.ts'
import { carCacheBytesMax } from '../../src/limits.ts'
import { blockKey } from '../../src/store/block-key.ts'
import { BundleFiles, layOutCar } from '../../src/store/bundle-files.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { raw, recordOf, smallDag } from './dags.ts'
import { FailingFileSystem } from './fault-file-systems.ts'

const paths = new RepositoryPaths('/')
const dag = smallDag('one')
const root = dag.root.toString()
const record = { bundle: { ...recordOf(dag.root), bytes: 1, blocks: 4 }, revision: 5, carBlocks: 4, unknown: {} }

test('lays out a CAR that other readers take, and says where each block starts', async () => {
  const { chunks, placed } = layOutCar(dag.root, dag.blocks)
  const car = Buffer.concat(chunks)
  const reader = await CarReader.fromBytes(car)
  expect((await Array.fromAsync(reader.blocks())).map(({ cid }) => blockKey(cid))).toEqual(placed.map(({ key }) => key))
  for (const [at, { offset, bytes }] of placed.entries()) {
    expect(bytes).toBe(dag.blocks[at]?.bytes)
    expect(car.subarray(offset, offset + bytes.byteLength).equals(bytes)).toBe(true)
  }
})

test('reads a CAR and a record as they were written', async () => {
  const { files } = await disk()
  const { chunks, placed } = layOutCar(dag.root, dag.blocks)
  await files.placeCar(root, chunks)
  expect(await files.readCar(root)).toEqual(placed)
  await files.placeRecord(record)
  expect(await files.readRecord(root, 5)).toEqual(record)
  expect(await files.readRecord(root, 6)).toBeUndefined()
  expect(await files.readCar('bother')).toEqual([])
})

test('knows of a bundle that is all in its CAR how large that is, and measures no other', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(20_000), { maxLength: 40 }), async lengths => {
    const { files, fileSystem } = await disk()
    const leaves = lengths.map((length, at) => raw(`${at}`, length))
    const { chunks, placed } = layOutCar(dag.root, leaves)
    await files.placeCar(root, chunks)
    const bytes = lengths.reduce((sum, length) => sum + length, 0)
    const read = vi.spyOn(fileSystem, 'readFile')
    const whole = { ...record, bundle: { ...record.bundle, bytes, blocks: leaves.length }, carBlocks: leaves.length }
    expect(await files.readCar(root, whole)).toEqual(placed)
    const { expected = 0, length = 0 } = read.mock.calls[0]?.[1] ?? {}
    const size = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
    expect([expected <= size, size <= length]).toEqual([true, true])
    expect(await files.readCar(root, { ...whole, carBlocks: leaves.length - 1 })).toEqual(placed)
    expect(read.mock.calls[1]?.[1]).toEqual({ offset: 0, length: carCacheBytesMax })
  }), { numRuns: 30 })
})

test('reads the blocks of a CAR that stand in front of damage', async () => {
  const { files, fileSystem } = await disk()
  const large = smallDag('large', 3, 10_000)
  const { chunks, placed } = layOutCar(large.root, large.blocks)
  const car = Buffer.concat(chunks)
  const third = placed[2]?.offset ?? 0
  car[third - 36] = 0xff
  await fileSystem.writeFile(paths.car('bdamaged'), [car])
  expect((await files.readCar('bdamaged')).map(({ key }) => key)).toEqual(placed.slice(0, 2).map(({ key }) => key))
  await fileSystem.writeFile(paths.car('bshort'), [car.subarray(0, third - 10)])
  expect(await files.readCar('bshort')).toHaveLength(2)
  await fileSystem.writeFile(paths.car('bempty'), [])
  expect(await files.readCar('bempty')).toEqual([])
})

test('lists revisions with the current one first, and passes over other names', async () => {
  const { files, fileSystem } = await disk()
  for (const name of ['baa.2.json', 'baa.10.json', 'baa.9.json', 'bcc.car', 'baa.json', 'notes', 'b../x.1.json']) {
    await fileSystem.makeDirectory('/bundles/b..')
    await fileSystem.writeFile(`${paths.bundles}/${name}`, [])
  }
  expect(await files.list()).toEqual(new Map([
    ['baa', { revisions: [10, 9, 2], car: false }],
    ['bcc', { revisions: [], car: true }]
  ]))
})

test('leaves no temp when a file cannot be written', async () => {
  for (const when of ['before', 'after'] as const) {
    for (const n of [1, 2]) {
      const { fileSystem } = await disk()
      const failing = new FailingFileSystem(fileSystem)
      failing.from(when, call => call === n)
      await expect(new BundleFiles(failing, paths).placeRecord(record)).rejects.toThrow(StorageError)
      expect(await fileSystem.list(paths.temp)).toEqual([])
    }
  }
})

test('refuses a record that is damaged or newer', async () => {
  const { files, fileSystem } = await disk()
  await fileSystem.writeFile(paths.record(root, 1), [Buffer.from('{"format":"cortensor-record","version":3}')])
  await fileSystem.writeFile(paths.record(root, 2), [Buffer.from('{"format":"cortensor-rec')])
  await expect(files.readRecord(root, 1)).rejects.toThrow(NewerFormatError)
  await expect(files.readRecord(root, 2)).rejects.toThrow(StorageError)
})

async function disk (): Promise<{ files: BundleFiles, fileSystem: MemoryFileSystem }> {
  const fileSystem = new MemoryFileSystem()
  await fileSystem.makeDirectory(paths.bundles)
  await fileSystem.makeDirectory(paths.temp)
  return { files: new BundleFiles(fileSystem, paths), fileSystem }
}
