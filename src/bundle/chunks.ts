/** Bytes of a leaf block in the import profile `unixfs-v1-2025`. */
export const chunkBytes: number = 1024 * 1024

const firstBytes = 64 * 1024

/**
 * Cuts content into the leaf blocks of a file. Every chunk has its own memory: the pieces may change as soon as the next one is
 * asked for.
 */
export async function * chunksOf (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let chunk = new Uint8Array()
  let filled = 0
  for await (const piece of pieces) {
    for (let at = 0; at < piece.byteLength;) {
      if (filled === chunk.byteLength) chunk = grown(chunk, piece.byteLength - at)
      const part = piece.subarray(at, at + chunk.byteLength - filled)
      chunk.set(part, filled)
      filled += part.byteLength
      at += part.byteLength
      if (filled < chunkBytes) continue
      yield chunk
      chunk = new Uint8Array()
      filled = 0
    }
  }
  if (filled > 0) yield filled === chunk.byteLength ? chunk : chunk.slice(0, filled)
}

/** Small content that comes in one piece gets exactly the memory that it needs. */
function grown (chunk: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> {
  const length = chunk.byteLength === 0 ? bytes : Math.max(firstBytes, chunk.byteLength * 2, chunk.byteLength + bytes)
  const larger = new Uint8Array(Math.min(chunkBytes, length))
  larger.set(chunk)
  return larger
}
