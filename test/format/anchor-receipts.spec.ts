import { describe, expect, it } from 'vitest'
import { decodeAnchorReceipts, encodeAnchorReceipts } from '../../src/format/anchor-receipts.ts'
import type { AnchorReceipt } from '../../src/interface/anchor.ts'

const receipt: AnchorReceipt = { digest: `0x${'11'.repeat(32)}`, anchor: 'eip155:1:0x00', blockNumber: '7', blockHash: `0x${'22'.repeat(32)}`, time: '60' }
const full: AnchorReceipt = { ...receipt, transaction: `0x${'33'.repeat(32)}`, gasUsed: '21000' }
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

describe('receipts of anchors', () => {
  it('are written in one order, each once', () => {
    const bytes = encodeAnchorReceipts([full, receipt, receipt])
    expect(encodeAnchorReceipts([receipt, full, full])).toEqual(bytes)
    expect(decodeAnchorReceipts(bytes)).toHaveLength(2)
    expect(decodeAnchorReceipts(encodeAnchorReceipts([]))).toEqual([])
    expect(decodeAnchorReceipts(encodeAnchorReceipts([{ ...receipt, gasUsed: undefined } as never]))).toEqual([receipt])
  })

  it.each([{ digest: '0x11' }, { anchor: '' }, { anchor: 'a b' }, { anchor: 'x'.repeat(257) }, { blockNumber: '07' }, { blockHash: 'x' }, { time: '-1' },
    { transaction: 'x' }, { gasUsed: 5 }, { more: 'x' }])('refuse %j', change => {
    const changed = { ...receipt, ...change } as AnchorReceipt
    expect(() => encodeAnchorReceipts([changed])).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
    const sorted = JSON.stringify(Object.fromEntries(Object.entries(changed).sort(([a], [b]) => a < b ? -1 : 1)))
    expect(() => decodeAnchorReceipts(text(`[${sorted}]`))).toThrow(expect.objectContaining({ name: 'InvalidManifestError' }))
  })

  it('are refused in another order, twice, and when there are too many', () => {
    const [first, second] = decodeAnchorReceipts(encodeAnchorReceipts([full, receipt]))
      .map(one => new TextDecoder().decode(encodeAnchorReceipts([one])).slice(1, -1))
    for (const list of [`[${second},${first}]`, `[${first},${first}]`, '{}', '5']) {
      expect(() => decodeAnchorReceipts(text(list))).toThrow(expect.objectContaining({ name: 'InvalidManifestError' }))
    }
    const many = Array.from({ length: 65 }, (_, i) => ({ ...receipt, blockNumber: String(i) }))
    expect(() => encodeAnchorReceipts(many)).toThrow(expect.objectContaining({ name: 'LimitExceededError' }))
    for (const value of [5, null, [null], ['x']]) expect(() => encodeAnchorReceipts(value as never)).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
  })
})
