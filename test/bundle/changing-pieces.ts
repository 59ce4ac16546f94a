/** Bytes in pieces of so many, each in memory that has the next one as soon as that is asked for. */
export async function * changingPieces (bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(pieceBytes)
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const part = bytes.subarray(at, at + pieceBytes)
    piece.set(part)
    yield await Promise.resolve(piece.subarray(0, part.length))
  }
}
