import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentChunksOf } from '../../src/bundle/content-chunks.ts'
import { changingPieces } from './changing-pieces.ts'

const [min, max] = [256 * 1024, 1024 * 1024]

/** Bytes that look random and are the same each time. */
function bytesOf (seed: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed * 2 + 1
  for (let i = 0; i < length; i++) bytes[i] = (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24
  return bytes
}

async function chunks (bytes: Uint8Array, pieceBytes = 100_000): Promise<Uint8Array[]> {
  return await Array.fromAsync(contentChunksOf(changingPieces(bytes, pieceBytes)))
}
const digests = (all: readonly Uint8Array[]): string[] => all.map(chunk => createHash('sha256').update(chunk).digest('hex'))

/** The text of the scheme, word by word. */
function lengthsBySpecification (bytes: Uint8Array): number[] {
  const gear = Array.from({ length: 256 }, (_, b) => createHash('sha256').update(Buffer.from([b])).digest().readUInt32BE())
  const lengths: number[] = []
  for (let begin = 0; begin < bytes.length;) {
    let [length, hash] = [0, 0n]
    while (begin + length < bytes.length && length < max) {
      if (length >= min - 32) hash = (hash * 2n + BigInt(gear[bytes[begin + length] ?? 0] ?? 0)) % 2n ** 32n
      length++
      if (length >= min && hash >> 14n === 0n) break
    }
    lengths.push(length)
    begin += length
  }
  return lengths
}

describe('contentChunksOf', () => {
  it('cuts as its scheme says', async () => {
    const bytes = bytesOf(1, 3_000_000)
    expect((await chunks(bytes)).map(({ length }) => length)).toEqual(lengthsBySpecification(bytes))
  })

  it('cuts the same whatever the pieces are, and loses nothing', async () => {
    const [lengths, pieces] = [fc.integer({ min: 0, max: 2_500_000 }), fc.integer({ min: 1000, max: 3_000_000 })]
    await fc.assert(fc.asyncProperty(fc.nat(), lengths, pieces, async (seed, length, pieceBytes) => {
      const bytes = bytesOf(seed, length)
      const cut = await chunks(bytes, pieceBytes)
      expect(Buffer.concat(cut).equals(bytes)).toBe(true)
      expect(cut.slice(0, -1).every(chunk => chunk.length >= min && chunk.length <= max)).toBe(true)
      expect(digests(cut)).toEqual(digests(await chunks(bytes, 65_536)))
    }), { numRuns: 15 })
  })

  it('changes the chunks around a change alone', async () => {
    const bytes = bytesOf(7, 12_000_000)
    const before = new Set(digests(await chunks(bytes)))
    const changed = Buffer.concat([bytes.subarray(0, 6_000_000), Buffer.from('put in'), bytes.subarray(6_000_100)])
    const after = digests(await chunks(changed))
    expect(after.length).toBeGreaterThan(12)
    expect(after.filter(digest => !before.has(digest)).length).toBeLessThanOrEqual(3)
  })

  it('cuts what never ends a chunk by itself at its largest size', async () => {
    expect((await chunks(new Uint8Array(2 * max + 5).fill(0xff))).map(({ length }) => length)).toEqual([max, max, 5])
  })

  it('gives each chunk memory of its own', async () => {
    const [first, second] = await chunks(bytesOf(3, 3_000_000))
    expect(first?.buffer).not.toBe(second?.buffer)
  })
})
