import { xsalsa20 } from '@noble/ciphers/salsa.js'

const cipherBlockBytes = 64

/** XSalsa20 as a stream: what goes through is encrypted, or decrypted, piece by piece. */
export class KeyStream {
  readonly #key: Uint8Array
  readonly #nonce: Uint8Array
  #offset = 0

  /** `key` is 32 bytes, `nonce` 24. */
  constructor (key: Uint8Array, nonce: Uint8Array) {
    this.#key = key
    this.#nonce = nonce
  }

  /**
   * The next bytes under the cipher.
   *
   * @throws after 256 GiB, where the cipher's counter ends: a connection that carries more has to be made anew
   */
  update (bytes: Uint8Array): Uint8Array {
    const skipped = this.#offset % cipherBlockBytes
    const block = (this.#offset - skipped) / cipherBlockBytes
    this.#offset += bytes.byteLength
    if (skipped === 0) return xsalsa20(this.#key, this.#nonce, bytes, undefined, block)
    // The cipher starts at a whole block.
    const padded = new Uint8Array(skipped + bytes.byteLength)
    padded.set(bytes, skipped)
    return xsalsa20(this.#key, this.#nonce, padded, undefined, block).subarray(skipped)
  }
}
