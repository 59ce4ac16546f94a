import { expect, test } from 'vitest'
import { fileSource, memorySource } from '../../src/dataset/table-source.ts'
import type { DatasetFile } from '../../src/interface/table.ts'

test('asks a file for exactly the bytes that are read, however many these are', async () => {
  const asked: unknown[] = []
  const file = {
    path: 'data/a.csv',
    size: 9,
    bytes: async (options: unknown) => { asked.push(options); return new Uint8Array(2) },
    stream: () => memorySource('x', new Uint8Array(3)).stream()
  } as unknown as DatasetFile
  const source = fileSource(file)
  expect(await source.bytes({ start: 3, end: 5 })).toHaveLength(2)
  expect(asked).toEqual([{ offset: 3, length: 2, bytesMax: 2 }])
  expect([source.path, source.size, await Array.fromAsync(source.stream())]).toEqual(['data/a.csv', 9, [new Uint8Array(3)]])
})

test('gives parts of what is in memory', async () => {
  expect(await memorySource('x', Uint8Array.of(1, 2, 3)).bytes({ start: 1, end: 2 })).toEqual(Uint8Array.of(2))
})
