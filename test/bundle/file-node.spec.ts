import { expect, test } from 'vitest'
import { fileNode } from '../../src/bundle/file-node.ts'
import { InvalidDagError } from '../../src/errors.ts'
import { TestDag } from './dags.ts'

test('reads a node anew, unless the reader keeps those that were read', async () => {
  const dag = new TestDag()
  const place = { cid: dag.file([], Uint8Array.of(1)), position: [] }
  const node = { type: 'file' as const, data: Uint8Array.of(2), parts: [], size: 1 }
  expect(await fileNode(dag.reader, place, {})).toMatchObject({ data: Uint8Array.of(1) })
  expect(await fileNode({ get: async () => expect.fail(), fileNode: async () => await Promise.resolve(node) }, place, {})).toBe(node)
  expect(dag.reads).toEqual([place.cid.toString()])
})

test('refuses what is no part of a file', async () => {
  const dag = new TestDag()
  await expect(fileNode(dag.reader, { cid: dag.directory([]), position: [] }, {})).rejects.toThrow(InvalidDagError)
})
