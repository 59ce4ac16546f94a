import { expect, test, vi } from 'vitest'
import { indexBytesPerBlock, partialCheckMs, partialMsMax } from '../../src/limits.ts'
import { decodeSpaceNote } from '../../src/store/space-note.ts'
import { Upkeep } from '../../src/store/upkeep.ts'
import { makeParts, meter, openMemory, commit, largeDag, smallDag } from './fixtures.ts'

test('counts what there is before it begins when nothing is noted', async () => {
  const parts = await makeParts()
  await parts.fileSystem.writeFile(parts.paths.car('b'), [new Uint8Array(100)], { sync: true })
  parts.listed.blocks = 3
  const upkeep = new Upkeep(parts, meter(parts))
  await upkeep.start(undefined, {})
  expect(parts.space.used).toEqual({ bytes: 100 + 3 * indexBytesPerBlock, files: 1 })
  await upkeep.stop()
  expect(decodeSpaceNote(await parts.index.note('space'))).toEqual({ bytes: 100 + 3 * indexBytesPerBlock, files: 1, wasClosed: true })
})

test('takes a note of an orderly end for what it is, and any other for a bound until it has counted', async () => {
  const parts = await makeParts()
  parts.space.reset({ bytes: 5000, files: 7 })
  const closed = new Upkeep(parts, meter(parts))
  await closed.start({ bytes: 5000, files: 7, wasClosed: true }, {})
  await closed.stop()
  expect(parts.space.used).toEqual({ bytes: 5000, files: 7 })
  const crashed = new Upkeep(parts, meter(parts))
  await crashed.start({ bytes: 5000, files: 7, wasClosed: false }, {})
  await expect.poll(() => parts.space.used).toEqual({ bytes: 0, files: 0 })
  await crashed.stop()
  expect(decodeSpaceNote(await parts.index.note('space'))).toEqual({ bytes: 0, files: 0, wasClosed: true })
})

test('says that the next open has to count when this one did not end counting', async () => {
  const parts = await makeParts()
  parts.space.reset({ bytes: 5000, files: 7 })
  const upkeep = new Upkeep(parts, meter(parts))
  await upkeep.start({ bytes: 5000, files: 7, wasClosed: false }, {})
  await upkeep.stop()
  expect(decodeSpaceNote(await parts.index.note('space'))).toMatchObject({ wasClosed: false })
})

test('notes when bundles were used last', async () => {
  const parts = await makeParts()
  const upkeep = new Upkeep(parts, meter(parts))
  await upkeep.start({ bytes: 0, files: 0, wasClosed: true }, {})
  parts.uses.note('a', 4)
  await upkeep.stop()
  expect(await parts.index.note('uses')).toBe('[["a",4]]')
})

test('reads everything again in the background when it is asked to, and remembers the last time', async () => {
  const store = await openMemory({ storage: { scrubBytesPerSecond: 1e9 }, clock: () => 77 })
  await expect.poll(() => store.usage().lastScrub).toEqual({ endedAt: 77, blocks: 0, bytes: 0, damaged: 0 })
  await store.close()
  const without = await openMemory()
  await commit(without, smallDag('one'))
  expect(without.usage().lastScrub).toBeUndefined()
})

test('removes what an interrupted fetch left once nobody has used it for too long, and not before', async () => {
  let now = 1000
  const dag = largeDag('one', 8, 300_000)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const store = await openMemory({ clock: () => now })
    const partial = store.partial(dag.root)
    for (const { cid, bytes } of dag.blocks) await partial.put(cid, bytes)
    now += 2 * partialMsMax
    await vi.advanceTimersByTimeAsync(partialCheckMs)
    await partial.suspend()
    const { partialBytes } = store.usage()
    expect(partialBytes).toBeGreaterThan(0)
    now += partialMsMax - 1
    await vi.advanceTimersByTimeAsync(partialCheckMs)
    expect(store.usage().partialBytes).toBe(partialBytes)
    now += 1
    await vi.advanceTimersByTimeAsync(partialCheckMs - 1)
    expect(store.usage().partialBytes).toBe(partialBytes)
    await vi.advanceTimersByTimeAsync(1)
    expect(store.usage().partialBytes).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('looks for what interrupted fetches left no more once it is closed', async () => {
  const dag = largeDag('one', 8, 300_000)
  const clock = vi.fn<() => number>(() => 1000)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const store = await openMemory({ clock })
    const partial = store.partial(dag.root)
    for (const { cid, bytes } of dag.blocks) await partial.put(cid, bytes)
    await partial.suspend()
    const looks = async (): Promise<number> => {
      clock.mockClear()
      await vi.advanceTimersByTimeAsync(partialCheckMs)
      return clock.mock.calls.length
    }
    expect(await looks()).toBe(1)
    await store.close()
    expect(await looks()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})

test('takes nothing from a note of a scrub that it cannot read', async () => {
  const parts = await makeParts()
  for (const [text, last] of [['{', undefined], ['{"endedAt":1}', undefined], ['{"endedAt":1,"blocks":2,"bytes":3,"damaged":4}', { endedAt: 1, blocks: 2, bytes: 3, damaged: 4 }]] as const) {
    await parts.index.writeNote('scrub', text)
    const upkeep = new Upkeep(parts, meter(parts))
    await upkeep.start({ bytes: 0, files: 0, wasClosed: true }, {})
    expect(upkeep.lastScrub).toEqual(last)
    await upkeep.stop()
  }
})
