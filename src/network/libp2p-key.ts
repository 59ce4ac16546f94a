import { createECDH } from 'node:crypto'
import { privateKeyFromRaw, publicKeyFromRaw } from '@libp2p/crypto/keys'
import type { AbortOptions, Secp256k1PrivateKey, Secp256k1PublicKey } from '@libp2p/interface'

/**
 * A secp256k1 key for libp2p. libp2p's own computes its public key in JavaScript, and builds a table of points for that
 * first: tens of milliseconds of every start and memory that stays. This one builds it when there is something to sign.
 */
export class Libp2pKey implements Secp256k1PrivateKey {
  readonly type = 'secp256k1'
  readonly publicKey: Secp256k1PublicKey
  readonly #raw: Uint8Array
  #signing: Secp256k1PrivateKey | undefined

  /** `raw` has to be a valid key of 32 bytes. */
  constructor (raw: Uint8Array) {
    const ecdh = createECDH('secp256k1')
    ecdh.setPrivateKey(raw)
    this.#raw = raw
    this.publicKey = publicKeyFromRaw(Uint8Array.from(ecdh.getPublicKey(null, 'compressed'))) as Secp256k1PublicKey
  }

  /** Not a field, so that printing the key does not show it. */
  get raw (): Uint8Array {
    return this.#raw
  }

  equals (key?: unknown): boolean {
    return key instanceof Libp2pKey && this.publicKey.equals(key.publicKey)
  }

  sign (data: Parameters<Secp256k1PrivateKey['sign']>[0], options?: AbortOptions): Uint8Array | Promise<Uint8Array> {
    this.#signing ??= privateKeyFromRaw(this.#raw) as Secp256k1PrivateKey
    return this.#signing.sign(data, options)
  }
}
