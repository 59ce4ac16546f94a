import { expect, test } from 'vitest'
import { blockBytesMax } from '../../src/limits.ts'
import { blockKey } from '../../src/store/block-key.ts'
import { readPartial } from '../../src/store/read-partial.ts'
import { StagingArea } from '../../src/store/staging-area.ts'
import type { StoreParts } from '../../src/store/store-parts.ts'
import { cidOf, directoryOf, largeDag, node, raw, recordOf } from './dags.ts'
import { makeParts } from './fixtures.ts'
import type { Block, Dag } from './fixtures.ts'

const leaves = ['a', 'b', 'c'].map(seed => raw(seed, 1000)) as [Block, Block, Block]
const inner = node(leaves.slice(0, 2))
const top = node([inner, leaves[2]])
const dag: Dag = { root: top.cid, blocks: [top, inner, ...leaves] }

test('finds what is reached from the root over the blocks that are there, hashed where it has links', async () => {
  const parts = await makeParts()
  await place(parts, [top, inner, leaves[0], raw('stray')])
  expect(await readPartial(parts, dag.root)).toEqual([
    { cid: top.cid, key: blockKey(top.cid), length: top.bytes.byteLength, isChecked: true },
    { cid: inner.cid, key: blockKey(inner.cid), length: inner.bytes.byteLength, isChecked: true },
    { cid: leaves[0].cid, key: blockKey(leaves[0].cid), length: 1000, isChecked: false }
  ])
})

test('finds nothing below a block that is not there', async () => {
  const parts = await makeParts()
  await place(parts, [top, leaves[0], leaves[2]])
  expect((await readPartial(parts, dag.root))?.map(({ cid }) => cid)).toEqual([top.cid, leaves[2].cid])
  expect(await readPartial(parts, raw('nothing').cid)).toEqual([])
})

test('removes a damaged block with links, and files that can be no block', async () => {
  const parts = await makeParts()
  await place(parts, [top, { cid: inner.cid, bytes: new Uint8Array(inner.bytes.byteLength) }, { ...leaves[2], bytes: new Uint8Array(0) }])
  expect((await readPartial(parts, dag.root))?.map(({ cid }) => cid)).toEqual([top.cid])
  for (const { cid } of [inner, leaves[2]]) expect(await parts.fileSystem.stat(parts.paths.block(cid).file)).toBeUndefined()
})

test('takes a file of as many bytes as a block may have, and an empty one for the block without bytes', async () => {
  for (const [size, isTaken] of [[0, true], [blockBytesMax, true], [blockBytesMax + 1, false]] as const) {
    const parts = await makeParts()
    const leaf = raw('leaf', size)
    const root = node([leaf])
    await place(parts, [root, leaf])
    expect((await readPartial(parts, root.cid))?.length).toBe(isTaken ? 2 : 1)
  }
})

test('goes through blocks that only stored bundles have, and does not count them', async () => {
  const parts = await makeParts()
  await using staging = new StagingArea(parts)
  const small = directoryOf(leaves.slice(0, 2))
  for (const { cid, bytes } of small.blocks) await staging.put(cid, bytes)
  await staging.commit(recordOf(small.root))
  const root = node([{ cid: small.root }, leaves[2]])
  await place(parts, [root, leaves[0]])
  expect((await readPartial(parts, root.cid))?.map(({ cid }) => cid)).toEqual([root.cid, leaves[0].cid])
})

test('leaves a damaged block alone that a bundle lists, or that somebody counts on', async () => {
  const parts = await makeParts()
  const large = largeDag('listed')
  await using staging = new StagingArea(parts)
  for (const { cid, bytes } of large.blocks) await staging.put(cid, bytes)
  await staging.commit(recordOf(large.root))
  const root = node([{ cid: large.root }])
  const broken = { cid: inner.cid, bytes: new Uint8Array(10) }
  const above = node([inner, root])
  await place(parts, [above, root, broken])
  await parts.blockFiles.write(inner.cid, broken.bytes)
  expect((await readPartial(parts, above.cid))?.map(({ cid }) => cid)).toEqual([above, root, ...large.blocks].map(({ cid }) => cid))
  expect(await parts.fileSystem.stat(parts.paths.block(inner.cid).file)).toBeDefined()
})

test('finds nothing of a bundle that nobody could store', async () => {
  const parts = await makeParts()
  const bytes = new Uint8Array([1, 2, 3])
  const invalid = { cid: cidOf(0x70, bytes), bytes }
  await place(parts, [invalid])
  expect(await readPartial(parts, invalid.cid)).toBeUndefined()
  const chain = [leaves[0]]
  for (let depth = 0; depth < 66; depth++) chain.push(node(chain.slice(-1)))
  await place(parts, chain)
  expect(await readPartial(parts, chain.at(-1)?.cid ?? expect.fail())).toBeUndefined()
})

async function place ({ fileSystem, paths }: StoreParts, blocks: readonly Block[]): Promise<void> {
  for (const { cid, bytes } of blocks) {
    const { directory, file } = paths.block(cid)
    await fileSystem.makeDirectory(directory)
    await fileSystem.writeFile(file, [bytes], { sync: false })
  }
}
