import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Collector } from '../../src/format/collector.ts'

describe('Collector', () => {
  it('puts pieces together and says where the rest of the last one starts', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array()), fc.uint8Array({ maxLength: 4 }), (pieces, rest) => {
      const all = Uint8Array.from(pieces.flatMap(piece => [...piece]))
      const collector = new Collector(all.length)
      for (const piece of pieces.slice(0, -1)) expect(collector.fill(piece, 0)).toBe(piece.length)
      const last = pieces.at(-1) ?? new Uint8Array()
      expect(collector.fill(new Uint8Array([...last, ...rest]), 0)).toBe(last.length)
      expect(collector.complete).toBe(true)
      expect(collector.bytes).toEqual(all)
    }))
  })

  it('takes a piece from a place inside of it', () => {
    const collector = new Collector(2)
    expect(collector.fill(Uint8Array.of(1, 2), 1)).toBe(2)
    expect(collector.complete).toBe(false)
    expect(collector.fill(Uint8Array.of(3, 4), 0)).toBe(1)
    expect(collector.bytes).toEqual(Uint8Array.of(2, 3))
  })

  it('is complete at once when there is nothing to collect', () => {
    expect(new Collector(0).complete).toBe(true)
  })
})
