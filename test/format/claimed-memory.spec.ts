import { describe, expect, it } from 'vitest'
import { claimMemory, freeMemory, freeSent, freeWhenSent, isClaimed, showMemory, takeMemory } from '../../src/format/claimed-memory.ts'

const large = 64 * 1024

function claimed (length = large): Uint8Array {
  return claimMemory(new Uint8Array(length))
}

describe('claimMemory', () => {
  it('claims what is large and all of its memory, but for a byte after it', () => {
    expect(isClaimed(claimed())).toBe(true)
    expect(isClaimed(claimMemory(new Uint8Array(large + 1).subarray(0, large)))).toBe(true)
    for (const bytes of [new Uint8Array(1024), new Uint8Array(large + 2).subarray(0, large), new Uint8Array(large).subarray(2)]) {
      expect(isClaimed(claimMemory(bytes))).toBe(false)
      freeMemory(bytes)
      expect(bytes.byteLength).toBeGreaterThan(0)
    }
  })
})

describe('freeMemory', () => {
  it('frees what was claimed, once', () => {
    const bytes = claimed()
    const view = bytes.subarray(5, 9)
    freeMemory(bytes)
    freeMemory(bytes)
    expect([bytes.byteLength, view.byteLength, isClaimed(bytes)]).toEqual([0, 0, false])
  })

  it('frees it by a view without a header in front, and by none that leaves more out', () => {
    const bytes = claimed()
    for (const part of [bytes.subarray(13), bytes.subarray(0, -1), bytes.subarray(12, -1)]) freeMemory(part)
    expect(bytes.byteLength).toBe(large)
    freeMemory(bytes.subarray(12))
    expect(bytes.byteLength).toBe(0)
  })

  it('leaves what somebody took, or shows', () => {
    const [taken, shown, never] = [claimed(), claimed(), new Uint8Array(large)]
    expect([takeMemory(taken), takeMemory(taken), takeMemory(never)]).toEqual([true, false, false])
    expect(showMemory(shown)).toBe(shown)
    for (const bytes of [taken, shown, never]) {
      freeMemory(bytes)
      expect(bytes.byteLength).toBe(large)
    }
  })
})

describe('freeSent', () => {
  it('frees with the last bytes, after whoever sends them is done', async () => {
    const bytes = claimed()
    freeWhenSent(bytes)
    for (const part of [bytes.subarray(0, 100), bytes.subarray(100, -1)]) freeSent(part)
    await Promise.resolve()
    expect(bytes.byteLength).toBe(large)
    freeSent(bytes.subarray(-1))
    expect(bytes.byteLength).toBe(large)
    await Promise.resolve()
    expect(bytes.byteLength).toBe(0)
  })

  it('leaves what was not claimed, or is not to be freed then', async () => {
    const [never, kept] = [new Uint8Array(large), claimed()]
    freeWhenSent(never)
    for (const bytes of [never, kept]) freeSent(bytes)
    await Promise.resolve()
    expect([never.byteLength, kept.byteLength]).toEqual([large, large])
  })

  it('is nobody else\'s to free, or to claim', () => {
    const bytes = claimed()
    freeWhenSent(bytes)
    freeMemory(bytes)
    expect([takeMemory(bytes), bytes.byteLength]).toEqual([false, large])
  })
})
