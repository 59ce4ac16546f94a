import { sha256 } from '@noble/hashes/sha2.js'
import { nativeHashBytesMin } from '../limits.ts'

/** What a runtime may have for hashing; browsers have it on pages from a secure origin only. */
interface WebCrypto {
  subtle?: { digest(algorithm: string, bytes: Uint8Array): Promise<ArrayBuffer> }
}

/** SHA-256 of bytes, by the runtime's own code where it has one and they are many: 32 bytes. They must not change meanwhile. */
export async function hashBytes (bytes: Uint8Array, crypto: WebCrypto = globalThis.crypto): Promise<Uint8Array> {
  if (crypto.subtle === undefined || bytes.byteLength < nativeHashBytesMin) return sha256(bytes)
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}
