import { expect, test } from 'vitest'
import { DamagedTrailError } from '../../src/errors.ts'
import { decodeEntries, decodeTile, formatTilePath } from '../../src/format/tlog-tile.ts'
import { partialTiles, readEdge, tileAt, TreeEdge } from '../../src/audit/tree-edge.ts'
import { GrowingTree } from '../../src/merkle/growing-tree.ts'
import { numbered } from './trails.ts'
import type { TreeHead } from '../../src/interface/merkle.ts'

/** Sizes around those where a tile or a level of tiles is full. */
const sizes = [0, 1, 2, 255, 256, 257, 511, 512, 700, 65_535, 65_536, 65_537, 66_000]
const readAgain = [0, 1, 255, 256, 257, 512, 700, 65_537]
const entries = numbered(66_000)
const trees = treesOf([...sizes, ...readAgain, ...readAgain.map(size => Math.min(size + 300, entries.length)), 301])

test('grows as the tree of RFC 6962 does, at once and step by step, with the tiles of C2SP', () => {
  const files = new Map<string, Uint8Array>()
  let edge = new TreeEdge()
  for (const size of sizes) {
    const { edge: grown, tiles } = edge.grow(entries.slice(edge.head.size, size))
    for (const { path, bytes } of tiles) files.set(path, bytes)
    edge = grown
    expect(edge.head).toEqual(trees.get(size))
    if (size < 1000) expect(new TreeEdge().grow(entries.slice(0, size)).edge.head).toEqual(trees.get(size))
  }
  expect(decodeEntries(files.get('tile/entries/000')!)).toEqual(entries.slice(0, 256))
  expect(decodeEntries(files.get('tile/entries/257.p/208')!)).toEqual(entries.slice(65_792))
  expect(files.get('tile/0/257.p/208')!.byteLength).toBe(208 * 32)
  expect(files.get('tile/1/000')!.byteLength).toBe(256 * 32)
  expect(decodeTile(files.get('tile/2/000.p/1')!)).toEqual([trees.get(65_536)!.root])
}, 60_000)

test('is read again from the last tile of each level alone', async () => {
  for (const size of readAgain) {
    const files = new Map(new TreeEdge().grow(entries.slice(0, size)).tiles.map(({ path, bytes }) => [path, bytes]))
    const asked: string[] = []
    const edge = await readEdge(size, async tile => {
      asked.push(formatTilePath(tile))
      return files.get(formatTilePath(tile))
    })
    expect(edge.head).toEqual(trees.get(size))
    expect(asked.length).toBeLessThanOrEqual(4)
    const more = Math.min(size + 300, entries.length)
    expect(edge.grow(entries.slice(size, more)).edge.head).toEqual(trees.get(more))
  }
}, 60_000)

test('does not change when it grows', () => {
  const { edge } = new TreeEdge().grow(entries.slice(0, 300))
  edge.grow(entries.slice(300, 700))
  expect(edge.head).toEqual(trees.get(300))
  expect(edge.grow(entries.slice(300, 301)).edge.head).toEqual(trees.get(301))
})

test.each([
  ['is missing', (): undefined => undefined],
  ['cannot be read', () => new Uint8Array(33)],
  ['has 64 bytes', () => new Uint8Array(64)]
])('is damaged when a tile %s', async (message, read) => {
  const reading = readEdge(300, async ({ level }) => level === 0 ? read() : new Uint8Array(32))
  await expect(reading).rejects.toThrow(DamagedTrailError)
  await expect(reading).rejects.toThrow(message)
})

test('names tiles as they are stored at one size', () => {
  expect(tileAt('entries', 1, 300)).toEqual({ level: 'entries', index: 1, width: 44 })
  expect(tileAt(0, 0, 300)).toEqual({ level: 0, index: 0, width: 256 })
  expect(tileAt(1, 0, 300)).toEqual({ level: 1, index: 0, width: 1 })
  expect([...partialTiles(256)]).toEqual([{ level: 0, index: 1, width: 0 }, { level: 1, index: 0, width: 1 }])
  expect([...partialTiles(0)]).toEqual([])
})

/** The trees of these sizes alone: a root is worth a dozen hashes, and there are 66,000. */
function treesOf (sizes: readonly number[]): Map<number, TreeHead> {
  const [wanted, tree] = [new Set(sizes), new GrowingTree()]
  const trees = new Map([[0, { size: 0, root: tree.root }]])
  for (const entry of entries) {
    tree.append(entry)
    if (wanted.has(tree.size)) trees.set(tree.size, { size: tree.size, root: tree.root })
  }
  return trees
}
