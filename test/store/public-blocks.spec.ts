import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { expect, test } from 'vitest'
import { NotStoredError } from '../../src/errors.ts'
import type { BlockReader } from '../../src/interface/store.ts'
import { address, commit, directoryOf, openMemory, raw } from './fixtures.ts'

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

async function visible (reader: BlockReader, blocks: readonly { cid: CID, bytes: Uint8Array }[]): Promise<string> {
  const seen = await Promise.all(blocks.map(async ({ cid, bytes }) => {
    const has = await reader.has(cid)
    const read = await reader.get(cid).catch((error: unknown) => error)
    expect(has ? Buffer.from(bytes).equals(read as Uint8Array) : read instanceof NotStoredError).toBe(true)
    return has
  }))
  return seen.every(has => has) ? 'all' : seen.some(has => has) ? 'some' : 'none'
}
