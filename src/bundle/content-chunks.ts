/**
 * Content-defined chunks, scheme `gear-1`: a change in the middle of a file changes the chunks around it, and no others.
 *
 * A chunk ends after the first byte at which it has at least 256 KiB and the upper 18 bits of its hash are 0, and at the
 * latest with 1 MiB; the last one ends with the file. The hash is 32 bits wide and goes over the bytes of the chunk from its
 * byte 262,112 on, so that it depends on the last 32 of them: `hash = hash × 2 + gear[byte]`, modulo 2^32, from 0. `gear[b]`
 * are the first four bytes, big-endian, of the SHA-256 of the one byte `b`.
 *
 * Files so cut have other CIDs than the same files under the import profile `unixfs-v1-2025`, but for those of at most 256 KiB.
 */
import { sha256 } from '@noble/hashes/sha2.js'

/** What the scheme is called in the manifest of a dataset. */
export const contentChunking = 'gear-1'

const chunkBytesMin = 256 * 1024
const chunkBytesMax = 1024 * 1024
const hashedBits = 18
/** A byte is shifted out of the hash after so many others. */
const windowBytes = 32

const gear = Uint32Array.from({ length: 256 }, (_, byte) => new DataView(sha256(Uint8Array.of(byte)).buffer).getUint32(0))

/**
 * Cuts content where its own bytes say. Every chunk has its own memory: the pieces may change as soon as the next one is
 * asked for.
 */
export async function * contentChunksOf (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunk = new Uint8Array(chunkBytesMax)
  let [filled, hash] = [0, 0]
  for await (const piece of pieces) {
    for (let at = 0; at < piece.byteLength;) {
      const found = findEnd(piece, { at, filled, hash })
      chunk.set(piece.subarray(at, found.at), filled)
      filled += found.at - at
      ;({ at, hash } = found)
      if (!found.isEnd) continue
      yield chunk.slice(0, filled)
      ;[filled, hash] = [0, 0]
    }
  }
  if (filled > 0) yield chunk.slice(0, filled)
}

/** How far a chunk goes in a piece. */
function findEnd (
  piece: Uint8Array, { at, filled, hash }: { at: number, filled: number, hash: number }
): { at: number, hash: number, isEnd: boolean } {
  const end = Math.min(piece.byteLength, at + chunkBytesMax - filled)
  /** Where the chunk would begin if the piece went back so far. */
  const begin = at - filled
  const first = Math.max(at, begin + chunkBytesMin - windowBytes)
  const firstEnd = begin + chunkBytesMin - 1
  for (let i = first; i < end; i++) {
    hash = ((hash << 1) + (gear[piece[i] ?? 0] ?? 0)) | 0
    if (i >= firstEnd && hash >>> (32 - hashedBits) === 0) return { at: i + 1, hash, isEnd: true }
  }
  return { at: end, hash, isEnd: end - begin === chunkBytesMax }
}
