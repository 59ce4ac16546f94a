import { createECDH, createPrivateKey, sign } from 'node:crypto'
import { publicKeyFromRaw } from '@libp2p/crypto/keys'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import type { KeyObject } from 'node:crypto'
import type { AbortOptions, Secp256k1PrivateKey, Secp256k1PublicKey } from '@libp2p/interface'

/** What stands before and after a private key on secp256k1 in the form of RFC 5915, DER. */
const [sec1Head, sec1Tail] = [Buffer.from('302e0201010420', 'hex'), Buffer.from('a00706052b8104000a', 'hex')] as const

/**
 * A secp256k1 key for libp2p that computes with OpenSSL. libp2p's own does it in JavaScript, and builds a table of points for
 * that first: tens of milliseconds of the first handshake of a process, and memory that stays.
 */
export class Libp2pKey implements Secp256k1PrivateKey {
  readonly type = 'secp256k1'
  readonly publicKey: Secp256k1PublicKey
  readonly #raw: Uint8Array
  #signing: KeyObject | undefined

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

  /** ECDSA of the SHA-256 of the data, in DER. */
  sign (data: Parameters<Secp256k1PrivateKey['sign']>[0], options?: AbortOptions): Uint8Array {
    options?.signal?.throwIfAborted()
    this.#signing ??= keyObjectOf(this.#raw)
    const bytes = data instanceof Uint8Array ? data : data.subarray()
    return lowS(sign('sha256', bytes, { key: this.#signing, dsaEncoding: 'ieee-p1363' }))
  }
}

function keyObjectOf (raw: Uint8Array): KeyObject {
  const der = Buffer.concat([sec1Head, raw, sec1Tail])
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'sec1' })
  } finally {
    // Its memory is that of other small buffers, too.
    der.fill(0)
  }
}

/** Of the two values of s that a signature may have, others take the lower one only, and OpenSSL gives either. */
function lowS (compact: Uint8Array): Uint8Array {
  const signature = secp256k1.Signature.fromBytes(compact, 'compact')
  const { r, s } = signature
  return (signature.hasHighS() ? new secp256k1.Signature(r, secp256k1.Point.Fn.neg(s)) : signature).toBytes('der')
}
