import { expect, test } from 'vitest'
import { readManifest, storedManifest } from '../../src/bundle/read-manifest.ts'
import { InvalidManifestError, LimitExceededError, NewerFormatError } from '../../src/errors.ts'
import { manifestBytesMax } from '../../src/limits.ts'
import { TestDag } from './dags.ts'
import type { CID } from 'multiformats/cid'

async function read (make: (dag: TestDag) => CID, size?: number): Promise<unknown> {
  const dag = new TestDag()
  const cid = make(dag)
  const root = dag.directory([{ name: 'a', cid: dag.raw('never read'), size: 10 }, { name: 'manifest.json', cid, size }])
  const result = await readManifest(dag.reader, await dag.openDirectory(root))
  expect(dag.reads).not.toContain(dag.raw('never read').toString())
  return result
}

function manifest (bytes: number, version = '1.0'): string {
  const [head, tail] = ['{"format":"cortensor-bundle","kind":"note","text":"', `","version":"${version}"}`]
  return head + 'x'.repeat(bytes - head.length - tail.length) + tail
}

test('reads the manifest and no other file', async () => {
  expect(await read(dag => dag.raw(manifest(100)), 100)).toMatchObject({ kind: 'note' })
  expect(await read(dag => dag.file([{ cid: dag.raw(manifest(100)), size: 100 }]))).toMatchObject({ kind: 'note' })
})

test('finds none in plain UnixFS', async () => {
  const dag = new TestDag()
  expect(await readManifest(dag.reader, await dag.openDirectory(dag.directory([])))).toBeUndefined()
})

test('reads one of the largest size, and refuses one more byte before reading it', async () => {
  await expect(read(dag => dag.raw(manifest(manifestBytesMax)), manifestBytesMax)).resolves.toBeDefined()
  await expect(read(dag => dag.raw(manifest(manifestBytesMax + 1)), manifestBytesMax + 1)).rejects.toThrow(LimitExceededError)
})

test('refuses a directory, another form and a newer version', async () => {
  await expect(read(dag => dag.directory([]))).rejects.toThrow(InvalidManifestError)
  await expect(read(dag => dag.raw('{ }'), 3)).rejects.toThrow(InvalidManifestError)
  await expect(read(dag => dag.raw(manifest(100, '2.0')), 100)).rejects.toThrow(NewerFormatError)
})

test('reads the manifest of what is stored from its root', async () => {
  const dag = new TestDag()
  const root = dag.directory([{ name: 'manifest.json', cid: dag.raw(manifest(100)), size: 100 }])
  expect(await storedManifest(dag, root)).toMatchObject({ kind: 'note' })
  expect(await storedManifest(dag, dag.raw('a file'))).toBeUndefined()
})
