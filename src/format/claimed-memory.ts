/**
 * Large memory that is freed as soon as it was used. The collector would find it by walking everything that the process holds, as
 * often as some megabytes have come or gone: for a large transfer that is more work than hashing it.
 *
 * Only memory that was claimed is ever freed. Whoever makes memory that nobody else sees may claim it; whoever shows it to
 * others, or keeps it, takes it for good.
 */

/** Where what was claimed ends in its memory. */
const claimed = new WeakMap<ArrayBufferLike, number>()
/** The same of what is freed when it was sent. */
const sending = new WeakMap<ArrayBufferLike, number>()

/** Below this many bytes it is left to the collector, which does not mind. */
const claimedBytesMin = 16 * 1024

/** Bytes in front of the content of a message that nobody else has anything in: the header of a yamux frame. */
const headBytesMax = 12

/** Says that nobody else sees the memory of `bytes`, which is all of it but for a byte that may come after. */
export function claimMemory<Bytes extends Uint8Array> (bytes: Bytes): Bytes {
  const { buffer, byteLength } = bytes
  if (byteLength >= claimedBytesMin && byteLength >= buffer.byteLength - 1) claimed.set(buffer, byteLength)
  return bytes
}

/** True when the memory is claimed. */
export function isClaimed ({ buffer }: Uint8Array): boolean {
  return claimed.has(buffer)
}

/** Takes memory for good: nobody frees it any more. True when it was claimed, and so is the caller's alone. */
export function takeMemory ({ buffer }: Uint8Array): boolean {
  return claimed.delete(buffer)
}

/** Takes memory for good that others see from now on, and gives it back. */
export function showMemory<Bytes extends Uint8Array> (bytes: Bytes): Bytes {
  takeMemory(bytes)
  return bytes
}

/**
 * Frees the memory of `bytes`, which nobody reads any more, when it is claimed and they are all that is in it. Every view of it
 * is empty then.
 */
export function freeMemory ({ buffer, byteOffset, byteLength }: Uint8Array): void {
  if (byteOffset > headBytesMax || claimed.get(buffer) !== byteOffset + byteLength) return
  claimed.delete(buffer)
  detach(buffer)
}

/** Says that `bytes` are sent once, from their first to their last, and then never read again. */
export function freeWhenSent ({ buffer }: Uint8Array): void {
  const end = claimed.get(buffer)
  if (end === undefined) return
  claimed.delete(buffer)
  sending.set(buffer, end)
}

/** Frees the memory of which these were the last bytes to be sent, once whoever sends them has counted them. */
export function freeSent ({ buffer, byteOffset, byteLength }: Uint8Array): void {
  if (buffer.byteLength < claimedBytesMin || sending.get(buffer) !== byteOffset + byteLength) return
  sending.delete(buffer)
  queueMicrotask(() => { detach(buffer) })
}

function detach (buffer: ArrayBufferLike): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}
