import { describe, expect, it } from 'vitest'
import { checkAnchorList, checkAnchors } from '../../src/audit/check-anchors.ts'
import { anchorOf } from './anchors.ts'
import type { AnchorReceipt } from '../../src/interface/anchor.ts'

const receipt: AnchorReceipt = { digest: `0x${'11'.repeat(32)}`, anchor: 'a', blockNumber: '7', blockHash: `0x${'22'.repeat(32)}`, time: '60' }
const { signal } = new AbortController()

describe('checkAnchors', () => {
  it('asks the anchor that a receipt names, and no other', async () => {
    const claims = await checkAnchors([receipt, { ...receipt, anchor: 'b' }], [anchorOf('b', { found: receipt }), anchorOf('c', { fails: new Error('asked') })], signal)
    expect(claims.map(({ holds }) => holds)).toEqual(['not-proven', 'proven'])
    expect(claims[0]!.words).toBe('anchored no later than block 7, at 1970-01-01T00:01:00Z, as its receipt says; not checked: give an anchor that reads a')
  })

  it.each<[string, Partial<AnchorReceipt>]>([
    ['another block', { blockNumber: '8' }], ['the block of another branch', { blockHash: `0x${'33'.repeat(32)}` }], ['another time', { time: '61' }],
    ['something else', { digest: `0x${'44'.repeat(32)}` }]
  ])('refutes a receipt when the anchor has %s', async (_, change) => {
    expect(await checkAnchors([receipt], [anchorOf('a', { found: { ...receipt, ...change } })], signal)).toMatchObject([{ holds: 'refuted' }])
  })

  it('ends with the reason of its signal, whatever the anchor does', async () => {
    const reason = new Error('enough')
    const controller = new AbortController()
    const silent = { ...anchorOf('a', {}), read: async () => { controller.abort(reason); return await new Promise<never>(() => {}) } }
    await expect(checkAnchors([receipt], [silent], controller.signal)).rejects.toBe(reason)
  })
})

it.each([5, {}, [5], [{ id: 'x' }], [{ id: 5, read: () => {} }]])('%j is no list of anchors', value => {
  expect(() => { checkAnchorList(value) }).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
})
