/**
 * Large memory that is freed as soon as it was used. The collector would find it by walking everything that the process holds, as
 * often as some megabytes have come or gone: for a large transfer that is more work than hashing it.
 *
 * Only memory that was claimed is ever freed, and only by those who use it as it was claimed. Whoever makes memory that nobody
 * else sees may claim it; whoever shows it to others, or keeps it, takes it for good.
 */

/** Below this many bytes it is left to the collector, which does not mind. */
const claimedBytesMin = 16 * 1024

/** Bytes in front of the content of a message that nobody else has anything in: the header of a yamux frame. */
const headBytesMax = 12

/** Memory of one use. */
export class ClaimedMemory {
  /** Where what was claimed ends in its memory. */
  readonly #ends = new WeakMap<ArrayBufferLike, number>()

  /** Says that nobody else sees the memory of `bytes`, which is all of it but for a byte that may come after. */
  claim<Bytes extends Uint8Array> (bytes: Bytes): Bytes {
    const { buffer, byteLength } = bytes
    if (byteLength >= claimedBytesMin && byteLength >= buffer.byteLength - 1) this.#ends.set(buffer, byteLength)
    return bytes
  }

  /** True when the memory is claimed. */
  has ({ buffer }: Uint8Array): boolean {
    return buffer.byteLength >= claimedBytesMin && this.#ends.has(buffer)
  }

  /** Takes memory for good: nobody frees it any more. True when it was claimed, and so is the caller's alone. */
  take ({ buffer }: Uint8Array): boolean {
    return this.#ends.delete(buffer)
  }

  /** Takes memory for good that others see from now on, and gives it back. */
  show<Bytes extends Uint8Array> (bytes: Bytes): Bytes {
    this.take(bytes)
    return bytes
  }

  /**
   * Frees the memory of `bytes`, which nobody reads any more, when it is claimed and they are all that is in it. Every view of it
   * is empty then.
   */
  free (bytes: Uint8Array): void {
    const { buffer, byteOffset } = bytes
    if (byteOffset > headBytesMax || !this.#isEnd(bytes)) return
    this.#ends.delete(buffer)
    detach(buffer)
  }

  /** Frees the memory of which these were the last bytes to be sent, once whoever sends them has counted them. */
  freeSent (bytes: Uint8Array): void {
    const { buffer } = bytes
    if (buffer.byteLength < claimedBytesMin || !this.#isEnd(bytes)) return
    this.#ends.delete(buffer)
    queueMicrotask(() => { detach(buffer) })
  }

  #isEnd ({ buffer, byteOffset, byteLength }: Uint8Array): boolean {
    return this.#ends.get(buffer) === byteOffset + byteLength
  }
}

/** Messages of a connection, encrypted or decrypted. */
export const messageMemory: ClaimedMemory = new ClaimedMemory()

/** Blocks that came in pieces, on their way to a file. */
export const receivedMemory: ClaimedMemory = new ClaimedMemory()

/** Blocks that were read from a file for one reader. */
export const readMemory: ClaimedMemory = new ClaimedMemory()

/** Blocks that are sent once, from their first byte to their last, and then never read again. */
export const sentMemory: ClaimedMemory = new ClaimedMemory()

function detach (buffer: ArrayBufferLike): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}
