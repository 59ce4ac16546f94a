import { hash } from 'node:crypto'

const digestBytes = 32

/**
 * SHA-256 by the code of Node.js. The digest is an array of its own that is small enough to be among other objects: what Node.js
 * gives has memory outside of the heap, which is free only when that is looked through.
 */
export function nativeSha256 (bytes: Uint8Array | string): Uint8Array<ArrayBuffer> {
  const text = hash('sha256', bytes, 'binary')
  const digest = new Uint8Array(digestBytes)
  for (let at = 0; at < digestBytes; at++) digest[at] = text.charCodeAt(at)
  return digest
}
