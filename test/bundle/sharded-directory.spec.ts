import { importer } from 'ipfs-unixfs-importer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cidOfBlock } from '../../src/bundle/dag-pb-block.ts'
import { DirectoryEntries } from '../../src/bundle/directory-entries.ts'
import { hashName } from '../../src/bundle/hamt-hash.ts'
import { shardBlocks } from '../../src/bundle/sharded-directory.ts'
import { decodeUnixfs } from '../../src/bundle/unixfs-node.ts'
import { InvalidNameError } from '../../src/errors.ts'
import type { ShardBlock } from '../../src/bundle/sharded-directory.ts'
import type { CID } from 'multiformats/cid'

const content = new TextEncoder().encode('content')
const cid = cidOfBlock(0x55, content)

function entriesOf (names: readonly string[]): DirectoryEntries {
  const entries = new DirectoryEntries()
  for (const name of names) entries.add(name, { cid, dagSize: content.byteLength })
  return entries
}

function bytesOf (hashes: readonly bigint[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(hashes.length * 8))
  for (const [at, hash] of hashes.entries()) view.setBigUint64(at * 8, hash)
  return new Uint8Array(view.buffer)
}

/** Blocks of the directory that the importer makes, in its order, when it shards every directory. */
async function imported (names: readonly string[]): Promise<{ root: CID, size: number, blocks: Set<string> }> {
  const blocks = new Set<string>()
  const blockstore = { put: async (cid: CID) => {
    blocks.add(cid.toString())
    return cid
  } }
  let last: { cid: CID, size?: bigint } | undefined
  const files = names.map(path => ({ path, content }))
  for await (const entry of importer(files, blockstore, { profile: 'unixfs-v1-2025', wrapWithDirectory: true, shardSplitThresholdBytes: 0 })) last = entry
  if (last === undefined) throw new Error('nothing imported')
  blocks.delete(cid.toString())
  return { root: last.cid, size: Number(last.size), blocks }
}

test('makes the blocks that the importer makes', async () => {
  const name = fc.stringMatching(/^[a-zé漢𐀀]{1,12}$/u)
  await fc.assert(fc.asyncProperty(fc.uniqueArray(name, { minLength: 1, maxLength: 600 }), async names => {
    const expected = await imported(names)
    const blocks = [...shardBlocks(entriesOf(names), bytesOf(names.map(hashName)))]
    const root = blocks.at(-1)
    expect(root?.cid.toString()).toBe(expected.root.toString())
    expect(root?.dagSize).toBe(expected.size)
    expect(new Set(blocks.map(({ cid }) => cid.toString()))).toEqual(expected.blocks)
  }), { numRuns: 20 })
})

test('gives each block after those that it links', () => {
  const given = new Set<string>()
  const names = Array.from({ length: 3000 }, (_, i) => `file-${i}`)
  for (const block of shardBlocks(entriesOf(names), bytesOf(names.map(hashName)))) {
    for (const child of childrenOf(block)) expect(given.has(child.toString())).toBe(true)
    given.add(block.cid.toString())
  }
  expect(given.size).toBeGreaterThan(200)
})

test('keeps names apart that share all but the last byte of their hash, and refuses those that share all of it', () => {
  const [a, b] = [0x1122334455667701n, 0x1122334455667702n]
  expect([...shardBlocks(entriesOf(['a', 'b']), bytesOf([a, b]))]).toHaveLength(8)
  expect(() => [...shardBlocks(entriesOf(['a', 'b', 'c']), bytesOf([a, b, a]))]).toThrow(InvalidNameError)
})

function childrenOf ({ cid, bytes }: ShardBlock): CID[] {
  const node = decodeUnixfs(cid, bytes)
  return node.type === 'shard' ? node.links.filter(({ name }) => name === '').map(({ cid }) => cid) : []
}
