import { expect, test } from 'vitest'
import { compareTrail } from '../../src/audit/compare-trail.ts'
import { verifyKept } from '../../src/audit/kept-checkpoints.ts'
import { verifyFork } from '../../src/format/fork.ts'
import { headOfEntries, otherHead, seenOf } from './seen.ts'
import { numbered, openOn } from './trails.ts'
import type { Comparison } from '../../src/audit/compare-trail.ts'
import type { TreeHead } from '../../src/interface/merkle.ts'
import type { Trail } from '../../src/audit/trail.ts'

async function trailOf (size: number): Promise<Trail> {
  const trail = await openOn()
  await trail.append(numbered(size))
  return trail
}

async function compare (trail: Trail, head: TreeHead): Promise<Comparison> {
  return await compareTrail(trail, verifyKept(await seenOf(head)))
}

test('tells a trail that continues what was seen from one that is behind it', async () => {
  const trail = await trailOf(300)
  for (const size of [0, 1, 256, 299, 300]) expect(await compare(trail, headOfEntries(numbered(size)))).toEqual({ kind: 'continues' })
  for (const size of [301, 2 ** 50]) expect(await compare(trail, otherHead(size))).toEqual({ kind: 'behind' })
})

test('proves that a trail is another one than what was seen', async () => {
  const trail = await trailOf(300)
  for (const size of [0, 1, 256, 299, 300]) {
    const comparison = await compare(trail, otherHead(size))
    if (comparison.kind !== 'forked') throw new Error(`it is ${comparison.kind}`)
    expect(verifyFork(comparison.fork)).toMatchObject({ earlier: { size }, later: { size: 300 } })
  }
})
