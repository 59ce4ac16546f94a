/**
 * Base64 of RFC 4648 section 4, with padding, in its one form: what is accepted is what the same bytes are written as. So there
 * are no line breaks, no missing padding, and no bits that are not used.
 */
import { base64pad } from 'multiformats/bases/base64'

/** Writes bytes as base64. */
export function toBase64 (bytes: Uint8Array): string {
  return base64pad.baseEncode(bytes)
}

/**
 * Reads base64.
 *
 * @returns undefined when the text is anything else
 */
export function fromBase64 (text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    const bytes = base64pad.baseDecode(text)
    return toBase64(bytes) === text ? Uint8Array.from(bytes) : undefined
  } catch {
    return undefined
  }
}
