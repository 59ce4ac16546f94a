import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { addressOf, signDigest } from '../format/address.ts'
import { deriveKey } from '../format/derived-key.ts'
import { deriveNonce } from '../format/nonce.ts'
import { InvalidKeyError } from '../errors.ts'
import { Libp2pKey } from './libp2p-key.ts'
import type { PeerId, PrivateKey } from '@libp2p/interface'
import type { DerivedSigner, Identity } from '../interface/network.ts'
import type { Address } from '../interface/primitives.ts'

/** An identity together with the key that the handshake needs. */
export interface NodeIdentity extends Identity {
  readonly libp2pKey: PrivateKey
}

/**
 * Makes the identity of one secp256k1 key. Printing it, or turning it into JSON, does not show the key.
 *
 * @throws {@link InvalidKeyError} when the bytes are not a key
 */
export function createIdentity (privateKey: Uint8Array): NodeIdentity {
  if (!secp256k1.utils.isValidSecretKey(privateKey)) {
    throw new InvalidKeyError(`The private key is not one of secp256k1 (${privateKey.byteLength} bytes)`)
  }
  return new KeyIdentity(privateKey)
}

/**
 * The EVM account of a peer, from the public key inside its peer id. Undefined when that is of another type than
 * secp256k1, which has no EVM account.
 */
export function addressOfPeer (peerId: PeerId): Address | undefined {
  return peerId.type === 'secp256k1' ? addressOf(peerId.publicKey.raw) : undefined
}

class KeyIdentity implements NodeIdentity {
  readonly address: Address
  readonly peerId: string
  readonly #privateKey: Uint8Array
  readonly #libp2pKey: PrivateKey

  constructor (privateKey: Uint8Array) {
    this.#privateKey = Uint8Array.from(privateKey)
    this.#libp2pKey = new Libp2pKey(this.#privateKey)
    this.address = addressOf(this.#libp2pKey.publicKey.raw)
    this.peerId = peerIdFromPrivateKey(this.#libp2pKey).toString()
  }

  get libp2pKey (): PrivateKey {
    return this.#libp2pKey
  }

  sign (digest: Uint8Array): Promise<Uint8Array> {
    return new Promise(resolve => { resolve(signDigest(digest, this.#privateKey)) })
  }

  deriveNonce (label: string, message: Uint8Array): Uint8Array {
    return deriveNonce(this.#privateKey, label, message)
  }

  deriveSigner (label: string): DerivedSigner {
    return new Ed25519Signer(deriveKey(this.#privateKey, label))
  }
}

class Ed25519Signer implements DerivedSigner {
  readonly publicKey: Uint8Array
  readonly #seed: Uint8Array

  constructor (seed: Uint8Array) {
    this.#seed = seed
    this.publicKey = ed25519.getPublicKey(seed)
  }

  sign (message: Uint8Array): Promise<Uint8Array> {
    return new Promise(resolve => { resolve(ed25519.sign(message, this.#seed)) })
  }
}
