import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chunkBytes, chunksOf } from '../../src/bundle/chunks.ts'
import { all } from './dags.ts'
import { generateBytes } from './unixfs-cases.ts'

async function * pieces (bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const reused = new Uint8Array(size)
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size)
    reused.set(piece)
    yield reused.subarray(0, piece.length)
  }
  reused.fill(0)
}

test('cuts any pieces into the same chunks, and keeps nothing of the pieces', async () => {
  const bytes = generateBytes(5, 2 * chunkBytes + 77)
  await fc.assert(fc.asyncProperty(fc.integer({ min: 1000, max: 3 * chunkBytes }), async size => {
    const chunks = await all(chunksOf(pieces(bytes, size)))
    expect(chunks.map(({ length }) => length)).toEqual([chunkBytes, chunkBytes, 77])
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
    expect(chunks.every(chunk => chunk.buffer.byteLength === chunk.byteLength)).toBe(true)
  }), { numRuns: 20 })
})

test.for([[0, []], [1, [1]], [chunkBytes - 1, [chunkBytes - 1]], [chunkBytes, [chunkBytes]], [chunkBytes + 1, [chunkBytes, 1]]] as const)(
  'cuts %i bytes', async ([size, expected]) => {
    expect((await all(chunksOf(pieces(new Uint8Array(size), 70_000)))).map(({ length }) => length)).toEqual(expected)
  })
