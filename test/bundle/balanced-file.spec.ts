import { importer } from 'ipfs-unixfs-importer'
import { expect, test } from 'vitest'
import { BalancedFile } from '../../src/bundle/balanced-file.ts'
import { decodeUnixfs } from '../../src/bundle/unixfs-node.ts'
import { readVectors } from '../format/vectors.ts'
import { TestDag } from './dags.ts'
import { FakeStore } from './fake-store.ts'
import { generateBytes } from './unixfs-cases.ts'
import type { BlockWriter } from '../../src/interface/store.ts'
import type { CID } from 'multiformats/cid'
import type { UnixfsTable } from './unixfs-cases.ts'

interface Imported {
  cid: CID
  size: bigint
  leaves: CID[]
}

const mib = 1024 * 1024

/** Gigabytes of zeros are the same leaf again and again: that of which Kubo says what they are. */
function zeroFiles (): { name: string, size: number, cid: string | undefined }[] {
  const { cases } = readVectors('unixfs') as UnixfsTable
  return cases.flatMap(({ name, files, entries }) =>
    files.filter(({ seed, size }) => seed === 0 && size > mib).map(({ path, size }) => ({ name, size, cid: entries[path] })))
}

/** What the importer makes of leaves of one byte. */
async function importLeaves (bytes: Uint8Array): Promise<Imported> {
  const store = new FakeStore()
  const leaves: CID[] = []
  const blockstore = { put: async (cid: CID, block: unknown) => {
    store.blocks.set(cid.toString(), block as Uint8Array)
    return cid
  } }
  const chunker = async function * (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < Math.max(1, bytes.length); at++) yield bytes.subarray(at, at + 1)
  }
  const dag = new TestDag()
  for (const byte of bytes) leaves.push(dag.raw(Uint8Array.of(byte)))
  for await (const { cid, size } of importer([{ content: bytes }], blockstore, { profile: 'unixfs-v1-2025', chunker })) {
    return { cid, size, leaves }
  }
  throw new Error('nothing imported')
}

class Blocks implements BlockWriter {
  readonly written = new Map<string, Uint8Array>()

  async put (cid: CID, bytes: Uint8Array): Promise<void> {
    this.written.set(cid.toString(), bytes)
  }
}

test.for([1, 2, 1023, 1024, 1025, 2048, 2049])('lays out %i leaves as the importer does', async count => {
  const imported = await importLeaves(generateBytes(1, count))
  const layout = new BalancedFile(new Blocks())
  for (const cid of imported.leaves) await layout.add(cid, 1)
  const { cid, dagSize, size } = await layout.end()
  expect(cid.toString()).toBe(imported.cid.toString())
  expect([BigInt(dagSize), size]).toEqual([imported.size, count])
})

test.for(zeroFiles())('lays out $name as Kubo does', async ({ size, cid }) => {
  const [block, rest] = [new TestDag().raw(new Uint8Array(mib)), new TestDag().raw(new Uint8Array(size % mib))]
  const layout = new BalancedFile(new Blocks())
  for (let at = mib; at <= size; at += mib) await layout.add(block, mib)
  if (size % mib > 0) await layout.add(rest, size % mib)
  expect((await layout.end()).cid.toString()).toBe(cid)
})

test('lays out three levels', { timeout: 120_000 }, async () => {
  const leaf = new TestDag().raw('x')
  const blocks = new Blocks()
  const layout = new BalancedFile(blocks)
  for (let i = 0; i < 1024 * 1024 + 1; i++) await layout.add(leaf, 1)
  const { cid } = await layout.end()
  const root = decodeUnixfs(cid, blocks.written.get(cid.toString()) ?? new Uint8Array())
  expect(root.type === 'file' && root.parts.map(({ size }) => size)).toEqual([1024 * 1024, 1])
  expect(root).toMatchObject({ size: 1024 * 1024 + 1 })
})

test('writes sizes between 2^31 and 2^32 so that they can be read', async () => {
  const leaf = new TestDag().raw('x')
  const blocks = new Blocks()
  const layout = new BalancedFile(blocks)
  await layout.add(leaf, 2 ** 31)
  await layout.add(leaf, 5)
  const { cid, dagSize } = await layout.end()
  const bytes = blocks.written.get(cid.toString()) ?? new Uint8Array()
  expect(decodeUnixfs(cid, bytes)).toMatchObject({ size: 2 ** 31 + 5, parts: [{ size: 2 ** 31 }, { size: 5 }] })
  expect(dagSize).toBe(2 ** 31 + 5 + bytes.byteLength)
})

test('gives the signal to every put', async () => {
  const reason = new Error('enough')
  const put: BlockWriter['put'] = async (_cid, _bytes, options) => { options?.signal?.throwIfAborted() }
  const layout = new BalancedFile({ put }, { signal: AbortSignal.abort(reason) })
  const leaf = new TestDag().raw('x')
  await layout.add(leaf, 1)
  await layout.add(leaf, 1)
  await expect(layout.end()).rejects.toBe(reason)
})
