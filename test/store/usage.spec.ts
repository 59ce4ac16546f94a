import { expect, test } from 'vitest'
import { essentialReserveBytes, indexBytesPerBlock, indexReserveBytes } from '../../src/limits.ts'
import { usageOf } from '../../src/store/usage.ts'
import { commit, largeDag, makeParts, openMemory, raw, smallDag } from './fixtures.ts'

test('says of an empty repository what is set aside', async () => {
  const parts = await makeParts()
  expect(usageOf(parts, undefined)).toEqual({
    fileSystem: 'memory',
    held: { bundles: 0, bytes: 0, files: 0 },
    cached: { bundles: 0, bytes: 0, files: 0 },
    used: { bytes: indexReserveBytes, files: 0 },
    partialBytes: 0,
    reservedBytes: indexReserveBytes + essentialReserveBytes,
    limit: { bytes: 2 ** 40, files: 1e6 },
    damagedBlocks: 0,
    isFull: false
  })
  const lastScrub = { endedAt: 1, blocks: 2, bytes: 3, damaged: 0 }
  expect(usageOf(parts, lastScrub).lastScrub).toEqual(lastScrub)
})

test('tells what is held and embargoed from what goes when room is needed', async () => {
  const store = await openMemory()
  const before = store.usage().used
  await commit(store, smallDag('held'))
  await commit(store, smallDag('embargoed'), { holds: [], embargoed: true })
  await commit(store, largeDag('cached', 5, 250_000), { holds: [{ owner: 'host', until: 1 }] })
  const { held, cached, used, reservedBytes } = store.usage()
  // A record and a CAR each; a record and six block files.
  expect([held.bundles, held.files, cached.bundles, cached.files]).toEqual([2, 4, 1, 7])
  expect(used.files - before.files).toBe(11)
  expect(cached.bytes).toBeGreaterThan(1_250_000)
  expect(used.bytes - before.bytes).toBeGreaterThan(held.bytes + cached.bytes)
  expect(reservedBytes).toBe(indexReserveBytes + essentialReserveBytes + (4 + 4 + 6) * indexBytesPerBlock)
})

test('counts a block once that bundles share', async () => {
  const store = await openMemory()
  const shared = raw('shared', 500)
  await commit(store, { root: shared.cid, blocks: [shared] })
  const dag = smallDag('one')
  await commit(store, { root: dag.root, blocks: dag.blocks }, { holds: [] })
  const { held, cached } = store.usage()
  expect(held.bytes).toBe(500)
  expect(cached.bytes).toBe(dag.blocks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0))
})
