import type { CID } from 'multiformats/cid'
import { balanced } from 'ipfs-unixfs-importer/layout'
import { importer } from 'ipfs-unixfs-importer'
import { expect, test } from 'vitest'
import { balancedFile } from '../../src/bundle/balanced-file.ts'
import { decodeUnixfs } from '../../src/bundle/unixfs-node.ts'
import { TestDag } from './dags.ts'
import { FakeStore } from './fake-store.ts'
import { generateBytes } from './unixfs-cases.ts'
import type { FileLayout } from 'ipfs-unixfs-importer/layout'

/** Imports content in leaves of one byte. */
async function layOut (bytes: Uint8Array, layout: (store: FakeStore) => FileLayout): Promise<string> {
  const store = new FakeStore()
  const blockstore = { put: async (cid: CID, block: unknown) => {
    store.blocks.set(cid.toString(), block as Uint8Array)
    return cid
  } }
  const chunker = async function * (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < Math.max(1, bytes.length); at++) yield bytes.subarray(at, at + 1)
  }
  for await (const { cid } of importer([{ content: bytes }], blockstore, { profile: 'unixfs-v1-2025', chunker, layout: layout(store) })) return cid.toString()
  throw new Error('nothing imported')
}

test.for([0, 1, 2, 1023, 1024, 1025, 2048, 2049])('lays out %i leaves as the importer does', async leaves => {
  const bytes = generateBytes(1, leaves)
  const own = await layOut(bytes, store => balancedFile(store.stage(), {}))
  expect(own).toBe(await layOut(bytes, () => balanced({ maxChildrenPerNode: 1024 })))
})

test('lays out three levels as the importer does', { timeout: 120_000 }, async () => {
  const leaf = new TestDag().raw('x')
  const leaves = function * (): Generator<{ cid: CID, size: bigint }> {
    for (let i = 0; i < 1024 * 1024 + 1; i++) yield { cid: leaf, size: 1n }
  }
  const blocks = new Map<string, Uint8Array>()
  const put = async (cid: CID, bytes: Uint8Array): Promise<void> => { blocks.set(cid.toString(), bytes) }
  const { cid } = await balancedFile({ put }, {})(leaves(), async () => Promise.reject(new Error('not for many')))
  const root = decodeUnixfs(cid, blocks.get(cid.toString()) ?? new Uint8Array())
  expect(root.type === 'file' && root.parts.map(({ size }) => size)).toEqual([1024 * 1024, 1])
  expect(root).toMatchObject({ size: 1024 * 1024 + 1 })
})

test('writes sizes between 2^31 and 2^32 so that they can be read', async () => {
  const leaf = new TestDag().raw('x')
  const blocks = new Map<string, Uint8Array>()
  const put = async (cid: CID, bytes: Uint8Array): Promise<void> => { blocks.set(cid.toString(), bytes) }
  const leaves = [{ cid: leaf, size: 2n ** 31n }, { cid: leaf, size: 5n }]
  const { cid, size } = await balancedFile({ put }, {})(leaves, async () => Promise.reject(new Error('not for many')))
  const bytes = blocks.get(cid.toString()) ?? new Uint8Array()
  expect(decodeUnixfs(cid, bytes)).toMatchObject({ size: 2 ** 31 + 5, parts: [{ size: 2 ** 31 }, { size: 5 }] })
  expect(size).toBe(BigInt(2 ** 31 + 5 + bytes.byteLength))
})
