import { describe, expect, it } from 'vitest'
import { ClaimedMemory } from '../../src/format/claimed-memory.ts'

const large = 64 * 1024
const memory = new ClaimedMemory()

function claimed (): Uint8Array {
  return memory.claim(new Uint8Array(large))
}

describe('claim', () => {
  it('claims what is large and all of its memory, but for a byte after it', () => {
    expect(memory.has(claimed())).toBe(true)
    expect(memory.has(memory.claim(new Uint8Array(large + 1).subarray(0, large)))).toBe(true)
    for (const bytes of [new Uint8Array(1024), new Uint8Array(large + 2).subarray(0, large), new Uint8Array(large).subarray(2)]) {
      expect(memory.has(memory.claim(bytes))).toBe(false)
      memory.free(bytes)
      memory.freeSent(bytes)
      expect(bytes.byteLength).toBeGreaterThan(0)
    }
  })
})

describe('free', () => {
  it('frees what was claimed, once', () => {
    const bytes = claimed()
    const view = bytes.subarray(5, 9)
    memory.free(bytes)
    memory.free(bytes)
    expect([bytes.byteLength, view.byteLength, memory.has(bytes)]).toEqual([0, 0, false])
  })

  it('frees it by a view without a header in front, and by none that leaves more out', () => {
    const bytes = claimed()
    for (const part of [bytes.subarray(13), bytes.subarray(0, -1), bytes.subarray(12, -1)]) memory.free(part)
    expect(bytes.byteLength).toBe(large)
    memory.free(bytes.subarray(12))
    expect(bytes.byteLength).toBe(0)
  })

  it('leaves what somebody took or shows, or claimed for another use', () => {
    const [taken, shown, never, others] = [claimed(), claimed(), new Uint8Array(large), new ClaimedMemory().claim(new Uint8Array(large))]
    expect([memory.take(taken), memory.take(taken), memory.take(never)]).toEqual([true, false, false])
    expect(memory.show(shown)).toBe(shown)
    for (const bytes of [taken, shown, never, others]) {
      memory.free(bytes)
      expect(bytes.byteLength).toBe(large)
    }
  })
})

describe('freeSent', () => {
  it('frees with the last bytes, after whoever sends them is done', async () => {
    const bytes = claimed()
    for (const part of [bytes.subarray(0, 100), bytes.subarray(100, -1)]) memory.freeSent(part)
    await Promise.resolve()
    expect(bytes.byteLength).toBe(large)
    memory.freeSent(bytes.subarray(-1))
    expect([bytes.byteLength, memory.has(bytes)]).toEqual([large, false])
    await Promise.resolve()
    expect(bytes.byteLength).toBe(0)
  })
})
