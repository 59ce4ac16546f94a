import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { expect, test } from 'vitest'
import { InvalidDagError, LimitExceededError, NotStoredError } from '../../src/errors.ts'
import { dagDepthMax, turnMsMax } from '../../src/limits.ts'
import { blockKey } from '../../src/store/block-key.ts'
import { collectBlocks } from '../../src/store/collect-blocks.ts'
import type { BlockSource, CollectedBlock } from '../../src/store/collect-blocks.ts'
import { cidOf, node, raw } from './dags.ts'
import type { Block } from './dags.ts'
import type { AbortOptions } from '../../src/interface/primitives.ts'

const collect = async <T>(root: CID, source: BlockSource<T>, options?: AbortOptions): Promise<CollectedBlock<T>[]> =>
  await Array.fromAsync(collectBlocks(root, source, options))

const [a, b, c] = [raw('a'), raw('b'), raw('c')]

test('finds every block once, depth first', async () => {
  const left = node([a, b])
  const right = node([b, c, a])
  const top = node([left, right, left])
  const blocks = await collect(top.cid, sourceOf([top, left, right, a, b, c]))
  expect(blocks.map(({ cid }) => cid.toString())).toEqual([top, left, a, b, right, c].map(({ cid }) => cid.toString()))
  expect(blocks.map(({ found }) => found)).toEqual(blocks.map(({ key }) => key))
})

test('looks for many blocks at a time', async () => {
  const leaves = Array.from({ length: 2000 }, (_, at) => raw(`leaf ${at}`))
  const top = node(leaves)
  let lookUps = 0
  const source = sourceOf([top, ...leaves])
  const blocks = await collect(top.cid, { ...source, find: (cids, keys) => {
    lookUps++
    expect(keys).toEqual(cids.map(blockKey))
    return source.find(cids, keys)
  } })
  expect(blocks).toHaveLength(2001)
  expect(lookUps).toBeLessThanOrEqual(33)
})

test('gives other work its turn where nothing is waited for', async () => {
  const leaves = Array.from({ length: 2000 }, (_, at) => raw(`leaf ${at}`))
  const top = node(leaves)
  const stop = new AbortController()
  const source = sourceOf([top, ...leaves])
  const collecting = collect(top.cid, { ...source, find: (cids, keys) => {
    const end = performance.now() + 2 * turnMsMax
    while (performance.now() < end);
    return source.find(cids, keys)
  } }, { signal: stop.signal })
  setImmediate(() => { stop.abort(new Error('enough')) })
  await expect(collecting).rejects.toThrow('enough')
})

test('counts bytes that two codecs name once, and follows the links of either', async () => {
  const inner = node([a])
  const asRaw = CID.createV1(0x55, inner.cid.multihash)
  for (const links of [[{ cid: asRaw }, inner], [inner, { cid: asRaw }]]) {
    const top = node(links)
    const blocks = await collect(top.cid, sourceOf([top, inner, a]))
    expect(blocks.map(({ key }) => key).sort()).toEqual([top, inner, a].map(({ cid }) => blockKey(cid)).sort())
  }
})

test('names the block that is missing', async () => {
  const top = node([a, b])
  const error = await collect(top.cid, sourceOf([top, a])).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(NotStoredError)
  expect(error).toMatchObject({ details: { cid: b.cid.toString(), root: top.cid.toString() } })
})

test('goes on beside damage when it is told to', async () => {
  const lost = node([a])
  const top = node([lost, b, c])
  const damaged: string[] = []
  const source = sourceOf([top, lost, c])
  const blocks = await collect(top.cid, {
    find: (cids, keys) => source.find(cids, keys),
    load: cid => cid.equals(lost.cid) ? Promise.reject(new Error('damaged')) : source.load(cid),
    onDamage: cid => {
      damaged.push(cid.toString())
      return 'damaged'
    }
  })
  expect(damaged).toEqual([lost.cid.toString(), b.cid.toString()])
  expect(blocks.map(({ found }) => found === 'damaged')).toEqual([false, true, true, false])
})

test('refuses codecs and hashes that a bundle may not have', async () => {
  const identity = CID.createV1(0x55, create(0, new Uint8Array([1])))
  const cbor = cidOf(0x71, new Uint8Array([0xa0]))
  for (const cid of [identity, cbor]) {
    const top = node([{ cid }])
    await expect(collect(cid, sourceOf([]))).rejects.toThrow(InvalidDagError)
    await expect(collect(top.cid, sourceOf([top]))).rejects.toThrow(InvalidDagError)
  }
})

test('takes a DAG of the greatest depth, and none that is deeper', async () => {
  const chain = [a]
  while (chain.length <= dagDepthMax) chain.push(node(chain.slice(-1)))
  const deepest = chain.at(-1) ?? expect.fail()
  expect(await collect(deepest.cid, sourceOf(chain))).toHaveLength(dagDepthMax + 1)
  const deeper = node([deepest])
  await expect(collect(deeper.cid, sourceOf([...chain, deeper]))).rejects.toThrow(LimitExceededError)
})

test('stops when it is told to, with the reason that it is given', async () => {
  const top = node([a])
  const reason = new Error('enough')
  await expect(collect(top.cid, sourceOf([top, a]), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})

function sourceOf (blocks: readonly Block[]): BlockSource<string> {
  const byKey = new Map(blocks.map(({ cid, bytes }) => [blockKey(cid), bytes]))
  return {
    find: cids => Promise.resolve(cids.map(cid => byKey.has(blockKey(cid)) ? blockKey(cid) : undefined)),
    load: cid => Promise.resolve(byKey.get(blockKey(cid)) ?? expect.fail())
  }
}
