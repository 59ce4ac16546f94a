/**
 * Text as UTF-8 in its one form: what is accepted is what the same text is written as. A byte order mark is a character like
 * others.
 */

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Room for a short text, whatever its characters are. */
const scratch = new Uint8Array(192)
const utf8BytesMax = 3

/** Writes text as UTF-8. The text has no lone surrogates: those have no form. */
export function toUtf8 (text: string): Uint8Array<ArrayBuffer> {
  if (text.length * utf8BytesMax > scratch.byteLength) return encoder.encode(text)
  // A copy of few bytes is among other objects; what the encoder makes has memory outside of the heap, which is free only late.
  return scratch.slice(0, encoder.encodeInto(text, scratch).written)
}

/**
 * Reads UTF-8.
 *
 * @returns undefined when the bytes are anything else
 */
export function fromUtf8 (bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
