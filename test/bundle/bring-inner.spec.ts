import { describe, expect, it } from 'vitest'
import { bringInner } from '../../src/bundle/bring-inner.ts'
import { readerOf } from '../../src/bundle/dag-reader.ts'
import { DirectoryImport } from '../../src/bundle/import.ts'
import { deltaBlocksMax } from '../../src/limits.ts'
import { encodeDagPb, cidOfBlock } from '../../src/bundle/dag-pb-block.ts'
import { FakeStore } from './fake-store.ts'
import type { CID } from 'multiformats/cid'

async function tree (staging: ReturnType<FakeStore['stage']>, files: Record<string, string>): Promise<CID> {
  const directory = new DirectoryImport(staging)
  await directory.add(Object.entries(files).map(([path, text]) =>
    ({ type: 'file', path, open: async function * () { yield await Promise.resolve(Buffer.from(text)) } })))
  return await directory.root()
}

describe('bringInner', () => {
  it('reads the inner blocks that are not here, and nothing below those that are', async () => {
    const staging = new FakeStore().stage()
    const before = await tree(staging, { 'a/x/1': '1', 'b/y/2': '2' })
    const after = await tree(staging, { 'a/x/1': '1', 'b/y/2': 'changed', 'b/z/3': '3' })
    const read: string[] = []
    const reader = readerOf({ get: async cid => {
      read.push(cid.toString())
      return await staging.get(cid)
    } })
    const here = new Set<string>()
    await bringInner(readerOf(staging), before, { has: async cid => await Promise.resolve((here.add(cid.toString()), false)) })
    // The root, b, b/y and b/z; no leaf, and not a.
    expect(await bringInner(reader, after, { has: async cid => await Promise.resolve(here.has(cid.toString())) })).toBe(4)
    expect(read).toHaveLength(4)
    expect(await bringInner(reader, after, { has: async () => await Promise.resolve(true) })).toBe(0)
  })

  it('ends where so much is missing that it is as well fetched together', async () => {
    const blocks = new Map<string, Uint8Array>()
    const put = (bytes: Uint8Array): CID => {
      const cid = cidOfBlock(0x70, bytes)
      blocks.set(cid.toString(), bytes)
      return cid
    }
    const leaves = Array.from({ length: deltaBlocksMax + 10 }, (_, i) => put(encodeDagPb([], Buffer.from(String(i)))))
    const root = put(encodeDagPb(leaves.map(cid => ({ name: Buffer.alloc(0), cid, dagSize: 1 })), new Uint8Array()))
    const reader = readerOf({ get: async cid => await Promise.resolve(blocks.get(cid.toString()) ?? new Uint8Array()) })
    expect(await bringInner(reader, root, { has: async () => await Promise.resolve(false) })).toBe(deltaBlocksMax)
  })

  it('ends with its signal', async () => {
    const reader = readerOf({ get: async () => await Promise.reject(new Error('read')) })
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(bringInner(reader, cidOfBlock(0x70, new Uint8Array()), { has: async () => await Promise.resolve(false), signal })).rejects.toThrow('enough')
  })
})
