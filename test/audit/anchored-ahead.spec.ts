import { expect, test } from 'vitest'
import { anchoredAhead } from '../../src/audit/anchored-ahead.ts'
import { numbered, openOn } from './trails.ts'
import type { AnchoredCheckpoint } from '../../src/interface/anchor.ts'
import type { Trail } from '../../src/audit/trail.ts'

const receipt: AnchoredCheckpoint['receipt'] = { digest: `0x${'ab'.repeat(32)}`, anchor: 'a', blockNumber: '7', blockHash: `0x${'01'.repeat(32)}`, time: '1' }
const anchoredAt = ({ size, root }: Trail): AnchoredCheckpoint => ({ size, root, receipt })

async function trailOf (...entries: Uint8Array[][]): Promise<{ trail: Trail, anchored: AnchoredCheckpoint[] }> {
  const trail = await openOn()
  const anchored = [anchoredAt(trail)]
  for (const batch of entries) {
    await trail.append(batch)
    anchored.push(anchoredAt(trail))
  }
  return { trail, anchored }
}

test('finds nothing where the trail continues what is anchored, or nothing is', async () => {
  const { trail, anchored } = await trailOf(numbered(3), numbered(300, 3))
  expect(await anchoredAhead(trail, anchored)).toBeUndefined()
  expect(await anchoredAhead(trail, anchored.slice(0, 2))).toBeUndefined()
  expect(await anchoredAhead(trail, [])).toBeUndefined()
})

test('finds the newest one when the trail went back, also where it was not anchored last', async () => {
  const { anchored } = await trailOf(numbered(3), numbered(300, 3))
  const { trail } = await trailOf(numbered(3))
  expect(await anchoredAhead(trail, anchored)).toBe(anchored[2])
  expect(await anchoredAhead(trail, anchored.toReversed())).toBe(anchored[2])
})

test('finds it when the trail became another one', async () => {
  const { anchored } = await trailOf(numbered(3), numbered(2, 3))
  const { trail } = await trailOf(numbered(3), numbered(300, 4))
  expect(await anchoredAhead(trail, anchored)).toBe(anchored[2])
})
