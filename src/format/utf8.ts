/**
 * Text as UTF-8 in its one form: what is accepted is what the same text is written as. A byte order mark is a character like
 * others.
 */

/** Writes text as UTF-8. The text has no lone surrogates: those have no form. */
export function toUtf8 (text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}

/**
 * Reads UTF-8.
 *
 * @returns undefined when the bytes are anything else
 */
export function fromUtf8 (bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
