import { describe, expect, it } from 'vitest'
import { pairDirectories, pairShards } from '../../src/bundle/pair-entries.ts'
import { hashName, hashSlot } from '../../src/bundle/hamt-hash.ts'
import { root } from '../audit/fixtures.ts'
import { encodeDagPb } from '../../src/bundle/dag-pb-block.ts'
import { encodeShardData } from '../../src/bundle/unixfs-data.ts'
import type { TreeDirectory } from '../../src/bundle/tree.ts'

const options = {}
const link = (name: string, text = name) => ({ name, cid: root(text), dagSize: 1 })
const directory = (...links: ReturnType<typeof link>[]): TreeDirectory =>
  ({ type: 'directory', path: 'data', cid: root(links.map(({ name }) => name).join()), position: [2], node: { type: 'directory', links } })
const nothing = { get: async () => await Promise.reject(new Error('read')) }
const side = (own: TreeDirectory | undefined) => ({ reader: nothing, directory: own })
const slot = (name: string): number => hashSlot(hashName(name), 8, 0)

describe('pairDirectories', () => {
  it('pairs entries by their names, and passes over those that are the same', async () => {
    const pairs = await pairDirectories(side(directory(link('a'), link('b'), link('c'))), side(directory(link('a'), link('b', 'other'), link('d'))), options)
    expect(pairs.map(pair => pair.type === 'entries' ? [pair.name, pair.before?.position, pair.after?.position] : [])).toEqual([
      ['b', [2, 1], [2, 1]], ['c', [2, 2], undefined], ['d', undefined, [2, 2]]
    ])
  })

  it('takes a side that is missing for an empty one', async () => {
    expect(await pairDirectories(side(undefined), side(directory(link('a'))), options)).toMatchObject([{ name: 'a', after: { name: 'a' } }])
  })

  it('refuses a name that is there twice', async () => {
    await expect(pairDirectories(side(directory(link('a'), link('a', 'x'))), side(undefined), options)).rejects.toMatchObject({ name: 'InvalidNameError' })
  })

  it('reads nothing of two sharded directories but their slots', async () => {
    const shard = (text: string, name: string): TreeDirectory => ({
      type: 'directory', path: '', cid: root(text), position: [], node: { type: 'shard', bits: 8, links: [{ ...link(name, text), slot: slot(name) }] }
    })
    expect(await pairDirectories(side(shard('x', 'n')), side(shard('y', 'n')), options)).toMatchObject([{ type: 'entries', name: 'n' }])
    expect(await pairDirectories(side(shard('x', '')), side(shard('y', '')), options)).toMatchObject([{ type: 'shards', bits: 8 }])
  })

  it('refuses a name that stands in the wrong slot', async () => {
    const node = { type: 'shard', bits: 8, links: [{ ...link('n'), slot: (slot('n') + 1) % 256 }] } as const
    const wrong: TreeDirectory = { type: 'directory', path: '', cid: root('w'), position: [], node }
    await expect(pairDirectories(side(wrong), side({ ...wrong, node: { ...node, links: [] } }), options)).rejects.toMatchObject({ name: 'InvalidDagError' })
  })
})

describe('pairShards', () => {
  it('refuses shards below the last bit of a hash', async () => {
    const bytes = encodeDagPb([], encodeShardData([], 256))
    const reader = { get: async () => await Promise.resolve(bytes) }
    const pair = { type: 'shards', before: { cid: root('a'), position: [] }, after: { cid: root('b'), position: [] }, bits: 8, slots: [1, 2, 3, 4, 5, 6, 7, 8] } as const
    await expect(pairShards(reader, reader, pair, options)).rejects.toMatchObject({ name: 'InvalidDagError' })
  })
})
