import { MemoryDatastore } from 'datastore-core'
import type { Key } from 'interface-datastore'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { expect, test } from 'vitest'
import { NotStoredError } from '../../src/errors.ts'
import type { BlockReader } from '../../src/interface/store.ts'
import { blockKey } from '../../src/store/block-key.ts'
import { PublicBlocks } from '../../src/store/public-blocks.ts'
import { openStore } from '../../src/store/store.ts'
import { address, commit, directoryOf, makeParts, openMemory, raw, temporaryDirectory } from './fixtures.ts'

const shared = raw('shared')
const open = directoryOf([shared, raw('open')])
const guarded = directoryOf([shared, raw('guarded')])

test('shows blocks of a bundle that anyone may read, and no others', async () => {
  const store = await openMemory()
  await commit(store, open)
  await commit(store, guarded, { readers: [address] })
  expect(await visible(store.publicBlocks, open.blocks)).toBe('all')
  expect(await visible(store.publicBlocks, guarded.blocks.filter(block => block !== shared))).toBe('none')
})

test('does not show a shared block because a bundle shares it that is not public', async () => {
  for (const [first, second] of [[open, guarded], [guarded, open]] as const) {
    const store = await openMemory()
    await commit(store, first, { readers: first === open ? 'anyone' : [] })
    expect(await visible(store.publicBlocks, [shared])).toBe(first === open ? 'all' : 'none')
    await commit(store, second, { readers: second === open ? 'anyone' : [] })
    expect(await visible(store.publicBlocks, [shared])).toBe('all')
    await store.update(open.root, { readers: [address] })
    expect(await visible(store.publicBlocks, [shared])).toBe('none')
  }
})

test('shows an embargoed bundle once it is revealed', async () => {
  const store = await openMemory()
  await commit(store, open, { embargoed: true })
  expect(await visible(store.publicBlocks, open.blocks)).toBe('none')
  await store.update(open.root, { embargoed: false })
  expect(await visible(store.publicBlocks, open.blocks)).toBe('all')
  await store.update(open.root, { embargoed: true })
  expect(await visible(store.publicBlocks, open.blocks)).toBe('none')
})

test('shows nothing of a bundle whose readers a function decides on', async () => {
  const store = await openMemory()
  await commit(store, open, { readers: () => true })
  expect(await visible(store.publicBlocks, open.blocks)).toBe('none')
})

test('shows nothing of what is still staged', async () => {
  const store = await openMemory()
  await using staging = store.stage()
  for (const { cid, bytes } of open.blocks) await staging.put(cid, bytes)
  expect(await visible(store.publicBlocks, open.blocks)).toBe('none')
})

test('says the same of a guarded block as of one that does not exist', async () => {
  const store = await openMemory()
  await commit(store, guarded, { readers: [] })
  const messages = await Promise.all([guarded.root, open.root].map(async cid =>
    store.publicBlocks.get(cid).catch((error: unknown) => error instanceof Error ? error.message.replace(cid.toString(), '') : '')))
  expect(messages[0]).toBe(messages[1])
  expect(messages[0]).not.toBe('')
})

test('has no blocks with another hash', async () => {
  const store = await openMemory()
  const cid = CID.createV1(0x55, create(0, new Uint8Array([1])))
  expect(await store.publicBlocks.has(cid)).toBe(false)
  await expect(store.publicBlocks.get(cid)).rejects.toThrow(NotStoredError)
})

test('answers from memory for what was never public: the index is asked for none of it', async () => {
  const asked: string[] = []
  const datastore = new class extends MemoryDatastore {
    override get (key: Key): ReturnType<MemoryDatastore['get']> {
      asked.push(key.toString())
      return super.get(key)
    }
  }()
  const store = await openMemory({ datastore })
  await commit(store, open)
  await commit(store, guarded, { embargoed: true })
  expect(await visible(store.publicBlocks, open.blocks)).toBe('all')
  asked.length = 0
  const own = guarded.blocks.filter(block => block !== shared)
  expect(await visible(store.publicBlocks, [...own, raw('absent')])).toBe('none')
  expect(asked).toEqual([])
  expect(await visible(store.publicBlocks, open.blocks)).toBe('all')
  expect(asked).not.toEqual([])
})

test('shows after opening again what was public before', async () => {
  const path = await temporaryDirectory()
  const first = await openStore({ path, address })
  await commit(first, open)
  await commit(first, guarded, { readers: [] })
  await first.close()
  const again = await openStore({ path, address })
  expect(await visible(again.publicBlocks, open.blocks)).toBe('all')
  expect(await visible(again.publicBlocks, guarded.blocks.filter(block => block !== shared))).toBe('none')
  await again.close()
})

test('shows a public bundle whose list the index refused or lost as soon as it is there again', async () => {
  const parts = await makeParts()
  let isLost = true
  const blocks = new PublicBlocks({
    records: parts.records,
    blocks: { has: async () => true, get: async () => new Uint8Array(0) },
    index: {
      belongsToSome: async () => true,
      blocksOf: async function * () {
        if (isLost) throw new Error('not now')
        yield [{ key: blockKey(open.root), length: 1 }]
      }
    }
  })
  const bundle = await commit(await openMemory(), open)
  parts.records.set(open.root.toString(), { bundle, revision: 1, carBlocks: 0, unknown: {} })
  expect(await blocks.has(open.root)).toBe(false)
  isLost = false
  expect(await blocks.has(open.root)).toBe(true)
})

async function visible (reader: BlockReader, blocks: readonly { cid: CID, bytes: Uint8Array }[]): Promise<string> {
  const seen = await Promise.all(blocks.map(async ({ cid, bytes }) => {
    const has = await reader.has(cid)
    const read = await reader.get(cid).catch((error: unknown) => error)
    expect(has ? Buffer.from(bytes).equals(read as Uint8Array) : read instanceof NotStoredError).toBe(true)
    return has
  }))
  return seen.every(has => has) ? 'all' : seen.some(has => has) ? 'some' : 'none'
}
