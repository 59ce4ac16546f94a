import { expect, test } from 'vitest'
import { CorruptBlockError } from '../../src/errors.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { largeDag, node, raw, smallDag } from './dags.ts'
import type { Dag } from './dags.ts'
import { commit, openMemory, totals } from './fixtures.ts'

const paths = new RepositoryPaths('/')
const small = smallDag('small')
const large = largeDag('large')
const evidence = linking([small.root, large.root])
const more = linking([evidence.root, small.root])
const everything = [small, large, evidence, more]

test('finds every bundle again from its files, whichever links which', async () => {
  const { fileSystem, usage } = await withEverything()
  const again = await openMemory({ fileSystem })
  expect(totals(again)).toEqual(usage)
  for (const { root, blocks } of everything) {
    expect(again.record(root)).toBeDefined()
    for (const { cid, bytes } of blocks) expect(Buffer.from(bytes).equals(await again.get(cid))).toBe(true)
  }
})

test('knows again which blocks are public', async () => {
  const { fileSystem } = await withEverything()
  const again = await openMemory({ fileSystem })
  expect(await again.publicBlocks.has(small.blocks[1]?.cid ?? expect.fail())).toBe(true)
  await again.update(more.root, { embargoed: true })
  await again.update(evidence.root, { embargoed: true })
  expect(await again.publicBlocks.has(small.blocks[1]?.cid ?? expect.fail())).toBe(true)
  await again.update(small.root, { readers: [] })
  expect(await again.publicBlocks.has(small.blocks[1]?.cid ?? expect.fail())).toBe(false)
})

test('lists a bundle that is damaged, gives what is whole of it, and says what is not', async () => {
  const { fileSystem } = await withEverything()
  const leaf = large.blocks[3] ?? expect.fail()
  await fileSystem.remove(paths.block(leaf.cid).file)
  const log: string[] = []
  const again = await openMemory({ fileSystem, log: line => log.push(line) })
  expect([...again.records()]).toHaveLength(everything.length)
  for (const block of large.blocks) {
    if (block === leaf) await expect(again.get(block.cid)).rejects.toThrow(CorruptBlockError)
    else expect(Buffer.from(block.bytes).equals(await again.get(block.cid))).toBe(true)
  }
  expect(log).toContain(`Block ${leaf.cid.toString()} is missing in ${paths.block(leaf.cid).file}; fetch bundle ${large.root.toString()} again`)
  expect(again.isDamaged(large.root)).toBe(true)
  await again.close()
})

test('takes a block of a damaged bundle from the one that brings it again', async () => {
  const { fileSystem } = await withEverything()
  const leaf = large.blocks[3] ?? expect.fail()
  await fileSystem.remove(paths.block(leaf.cid).file)
  const again = await openMemory({ fileSystem })
  const other = { root: leaf.cid, blocks: [leaf] }
  await commit(again, other)
  expect(Buffer.from(leaf.bytes).equals(await again.get(leaf.cid))).toBe(true)
})

function linking (roots: readonly Dag['root'][]): Dag {
  const own = raw(roots.join())
  const top = node([own, ...roots.map(cid => ({ cid }))])
  return { root: top.cid, blocks: [top, own] }
}

async function withEverything (): Promise<{ fileSystem: MemoryFileSystem, usage: { bytes: number, heldBytes: number } }> {
  const fileSystem = new MemoryFileSystem()
  const store = await openMemory({ fileSystem })
  for (const [at, dag] of everything.entries()) await commit(store, dag, { holds: at === 2 ? [{ owner: 'host' }] : [], storedAt: at })
  const usage = totals(store)
  await store.close()
  return { fileSystem, usage }
}
