import { expect, test } from 'vitest'
import { DamagedTrailError } from '../../src/errors.ts'
import { encodeEntries } from '../../src/format/tlog-tile.ts'
import { readRoot } from '../../src/merkle/read-hashes.ts'
import { readTile, StoredTiles } from '../../src/audit/stored-tiles.ts'
import { TreeEdge } from '../../src/audit/tree-edge.ts'
import { logOf } from '../merkle/trees.ts'
import { memoryFiles } from './memory-files.ts'
import { numbered } from './trails.ts'

const entries = numbered(600)
const log = logOf(entries)

test('gives the hashes of every smaller tree from the tiles of the one that is stored', async () => {
  const files = memoryFiles()
  await files.place(new TreeEdge().grow(entries).tiles)
  const tiles = new StoredTiles(files, () => 600)
  for (const size of [1, 255, 256, 300, 599, 600]) expect(await readRoot(size, tiles.hashes(size))).toEqual(log.trees[size]?.root)
  expect(await tiles.entries(2)).toEqual(entries.slice(512))
})

test('reads a tile under its new name when the tree has grown while it was looked for', async () => {
  const files = memoryFiles()
  await files.place(new TreeEdge().grow(entries).tiles)
  let size = 513
  const asked: string[] = []
  const growing = {
    read: async (path: string, bytesMax: number) => {
      asked.push(path)
      size = 600
      return await files.read(path, bytesMax)
    }
  }
  expect(await new StoredTiles(growing, () => size).entries(2)).toEqual(entries.slice(512))
  expect(asked).toEqual(['tile/entries/002.p/1', 'tile/entries/002.p/88'])
})

test('is damaged where a tile is missing or is none', async () => {
  const files = memoryFiles()
  await expect(new StoredTiles(files, () => 600).entries(0)).rejects.toThrow(DamagedTrailError)
  await files.place([{ path: 'tile/entries/000', bytes: encodeEntries(entries.slice(0, 2)).subarray(1) }])
  await expect(new StoredTiles(files, () => 600).entries(0)).rejects.toThrow(DamagedTrailError)
})

test('reads no more than a tile can have', async () => {
  const files = memoryFiles()
  await files.place([{ path: 'tile/0/000', bytes: new Uint8Array(1_000_000) }])
  expect((await readTile(files, { level: 0, index: 0, width: 256 }))?.byteLength).toBe(256 * 34 + 1)
})
