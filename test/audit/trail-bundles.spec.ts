import { beforeEach, expect, test } from 'vitest'
import { TrailBundles } from '../../src/audit/trail-bundles.ts'
import { trailPublishShare } from '../../src/limits.ts'
import { testNode } from '../bundle/fixtures.ts'
import { numbered, openOn } from './trails.ts'
import type { StoredBundle } from '../../src/interface/store.ts'
import type { Trail } from '../../src/audit/trail.ts'

let node: ReturnType<typeof testNode>
let trail: Trail
let now: number

beforeEach(async () => {
  node = testNode(1)
  trail = await openOn()
  now = 0
})

/** Each look at the clock is a millisecond later. */
const bundles = (): TrailBundles => new TrailBundles({ ...node, now: () => now++ })

const held = (): StoredBundle[] => [...node.store.records()].filter(({ holds }) => holds.length > 0)

test('holds the newest bundle in place of those before it', async () => {
  const published = bundles()
  await trail.append(numbered(300))
  const first = await published.publish(trail)
  await trail.append(numbered(10, 300))
  const second = await published.publish(trail)
  expect([first.size, second.size]).toEqual([300, 310])
  expect(held().map(({ root }) => root)).toEqual([second.root])
  expect((await bundles().publish(trail)).root).toEqual(second.root)
  expect(held().map(({ root }) => root)).toEqual([second.root])
})

test('reads none of the full tiles again, also in a later process', async () => {
  await trail.append(numbered(600))
  await bundles().publish(trail)
  await trail.append(numbered(200, 600))
  const read: string[] = []
  const watched = new Proxy(trail, {
    get: (target, name) => {
      if (name === 'readTile') return async (tile: Parameters<Trail['readTile']>[0]) => { read.push(`${tile.level}/${tile.index}`); return await target.readTile(tile) }
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) as unknown : value
    }
  })
  await bundles().publish(watched)
  expect(read.sort()).toEqual(['0/2', '0/3', '1/0', 'entries/2', 'entries/3'])
})

test('shows the bundle that there is until a newer one is worth its time', async () => {
  const published = bundles()
  await trail.append(numbered(1))
  const first = await published.newest(trail)
  now += 1_000_000
  expect(await published.newest(trail)).toBe(first)
  now = first.at
  await trail.append(numbered(1, 1))
  expect(await published.newest(trail)).toBe(first)
  now = first.at + first.tookMs * trailPublishShare
  const second = await published.newest(trail)
  expect(second.size).toBe(2)
  node.store.bundles.delete(second.root.toString())
  expect((await published.newest(trail)).root).toEqual(second.root)
  expect(held()).toHaveLength(1)
})

test('links nothing of a bundle that is of another log', async () => {
  await trail.append(numbered(300))
  const { root } = await bundles().publish(trail)
  const stored = node.store.record(root)!
  node.store.bundles.set(root.toString(), { ...stored, root })
  const other = Object.create(trail, { auditKey: { value: { ...trail.auditKey, origin: trail.auditKey.origin.replace(/0$/, '1') } } }) as Trail
  const readTile: Trail['readTile'] = async tile => await trail.readTile(tile)
  const { size, checkpoint } = trail
  const again = await bundles().publish({ auditKey: other.auditKey, checkpoint, size, readTile })
  expect(again.root.equals(root)).toBe(false)
})
