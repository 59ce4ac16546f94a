import { expect, test } from 'vitest'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { cutBeyond, removePartials } from '../../src/audit/stale-tiles.ts'
import { TreeEdge } from '../../src/audit/tree-edge.ts'
import { auditFiles, memoryFiles, paths } from './memory-files.ts'
import { numbered } from './trails.ts'
import type { DurableFiles } from '../../src/interface/store.ts'

const silent = (): void => {}

/** Paths of all files of tiles, and of directories of partial ones that are empty. */
async function everything (files: DurableFiles): Promise<string[]> {
  const found: string[] = []
  for (const level of await files.list('tile')) {
    for (const name of await files.list(`tile/${level}`)) {
      const path = `tile/${level}/${name}`
      const inner = name.endsWith('.p') ? await files.list(path) : []
      found.push(...inner.length === 0 ? [path] : inner.map(width => `${path}/${width}`))
    }
  }
  return found.sort()
}

/** Appends without removing anything, at these sizes. */
async function filesOf (...sizes: number[]): Promise<DurableFiles> {
  const files = memoryFiles()
  let edge = new TreeEdge()
  for (const size of sizes) {
    const grown = edge.grow(numbered(size - edge.head.size, edge.head.size))
    await files.place(grown.tiles)
    edge = grown.edge
  }
  return files
}

test('removes the partial tiles that a larger tree has not, and directories that are empty then', async () => {
  for (const [before, after] of [[0, 3], [3, 5], [5, 256], [256, 257], [200, 700], [700, 701], [512, 513]] as const) {
    const files = await filesOf(before, after)
    await removePartials(files, { before, after }, silent)
    expect(await everything(files)).toEqual(await everything(await filesOf(after)))
  }
})

test('cuts what an append left beyond the checkpoint, and what it left of the tree before', async () => {
  const appends = [[0, 5], [3, 4, 300], [256, 257, 4000], [300, 301, 511, 512, 4300], [255, 256], [65_000, 65_001, 65_536, 66_000]] as const
  for (const [size, ...others] of appends) {
    const files = await filesOf(size, ...others)
    await cutBeyond(files, size, silent)
    expect(await everything(files)).toEqual(await everything(await filesOf(size)))
  }
  const files = await filesOf(3, 200, 300)
  await cutBeyond(files, 300, silent)
  expect(await everything(files)).toEqual(await everything(await filesOf(300)))
}, 60_000)

test('says so when it cannot remove them, and goes on', async () => {
  const fileSystem = new MemoryFileSystem()
  await fileSystem.makeDirectory(paths.temp)
  const files = auditFiles(fileSystem)
  await files.place(new TreeEdge().grow(numbered(3)).tiles)
  const lines: string[] = []
  const refusing = { list: files.list.bind(files), remove: async () => { throw new Error('no') } }
  await removePartials(refusing, { before: 3, after: 5 }, line => lines.push(line))
  await cutBeyond(refusing, 2, line => lines.push(line))
  expect(lines).toEqual([
    'tiles that the audit trail does not need any more are still there: Error: no',
    'what an append left unfinished in the audit trail is still there: Error: no'
  ])
})
