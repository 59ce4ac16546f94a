import { expect, test } from 'vitest'
import { blockKey } from '../../src/store/block-key.ts'
import { corruptBlock, Damage } from '../../src/store/damage.ts'
import type { DamagedStoredBlock } from '../../src/store/damage.ts'
import { raw } from './dags.ts'

const { cid } = raw('one')
const key = blockKey(cid)
const other = raw('other').cid

function block (...roots: string[]): DamagedStoredBlock {
  return { cid, path: '/blocks/one', what: 'is missing', roots }
}

test('knows the damaged blocks of every bundle that has them, until they are repaired', () => {
  const damage = new Damage(() => {})
  damage.add(key, block('a', 'b'))
  damage.add(blockKey(other), { ...block('b'), cid: other })
  expect(damage.size).toBe(2)
  expect(['a', 'b', 'c'].map(root => damage.ofRoot(root).length)).toEqual([1, 2, 0])
  expect(['a', 'b', 'c'].map(root => damage.isDamaged(root))).toEqual([true, true, false])
  damage.repaired(key)
  expect(damage.keys()).toEqual([blockKey(other)])
  expect(['a', 'b'].map(root => damage.isDamaged(root))).toEqual([false, true])
  expect(damage.has(key)).toBe(false)
  damage.repaired(key)
  expect(damage.size).toBe(1)
})

test('says once that a block is damaged', () => {
  const lines: string[] = []
  const damage = new Damage(line => lines.push(line))
  damage.add(key, block('a'))
  damage.add(key, { ...block('b'), path: '/elsewhere' })
  expect(lines).toEqual([`Block ${cid.toString()} is missing in /blocks/one; fetch bundle a again`])
  expect(damage.get(key)).toEqual(block('a', 'b'))
  expect(damage.isDamaged('b')).toBe(true)
  damage.repaired(key)
  damage.add(key, block('a'))
  expect(lines).toHaveLength(2)
})

test('forgets a bundle that went away, and gives the blocks that only it had', () => {
  const lines: string[] = []
  const damage = new Damage(line => lines.push(line))
  damage.add(key, block('a', 'b'))
  damage.add(blockKey(other), { ...block('a'), cid: other })
  expect(damage.leave('a').map(({ cid }) => cid)).toEqual([other])
  expect(damage.get(key)?.roots).toEqual(['b'])
  expect(damage.leave('a')).toEqual([])
  expect(damage.leave('b').map(({ cid }) => cid)).toEqual([cid])
  expect(damage.size).toBe(0)
  expect(lines).toHaveLength(2)
})

test('says which block is damaged, where, and what to fetch', () => {
  const cause = new Error('below')
  const error = corruptBlock({ ...block('a', 'b'), cause })
  expect(error.message).toBe(`Block ${cid.toString()} is missing in /blocks/one; fetch bundle a or b again`)
  expect(error.details).toEqual({ cid: cid.toString(), path: '/blocks/one', what: 'is missing', roots: ['a', 'b'], root: 'a' })
  expect(error.cause).toBe(cause)
  expect(corruptBlock(block()).message).toContain('fetch it again')
})
