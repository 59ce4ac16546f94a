import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { ed25519 } from '@noble/curves/ed25519.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { addressOf, signDigest } from '../format/address.ts'
import { deriveKey } from '../format/derived-key.ts'
import { deriveNonce } from '../format/nonce.ts'
import { InvalidKeyError } from '../errors.ts'
import { Libp2pKey } from './libp2p-key.ts'
import { readOwnDelegation } from './own-delegation.ts'
import { checkedSigner } from './remote-signer.ts'
import type { PeerId, PrivateKey } from '@libp2p/interface'
import type { DataNodeInit } from '../interface/data-node.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { DerivedSigner, Identity } from '../interface/network.ts'
import type { AbortOptions, Address } from '../interface/primitives.ts'
import type { RemoteSigner } from '../interface/signer.ts'

/** An identity together with the key that the handshake needs. */
export interface NodeIdentity extends Identity {
  readonly libp2pKey: PrivateKey
}

/** What else a node is. */
export interface IdentityOptions {
  /** By which it speaks for a wallet. */
  delegation?: SignedDelegation | undefined
  /** Signs in its place. */
  signer?: RemoteSigner | undefined
}

/**
 * Makes the identity of one secp256k1 key. Printing it, or turning it into JSON, does not show the key.
 *
 * @throws {@link InvalidKeyError} when the bytes are not a key
 */
export function createIdentity (privateKey: Uint8Array, options: IdentityOptions = {}): NodeIdentity {
  if (!secp256k1.utils.isValidSecretKey(privateKey)) {
    throw new InvalidKeyError(`The private key is not one of secp256k1 (${privateKey.byteLength} bytes)`)
  }
  return new KeyIdentity(privateKey, options)
}

/**
 * Makes the identity that a host describes: its own key, and who signs beside it.
 *
 * @throws {@link InvalidKeyError} when the bytes are not a key
 * @throws {@link InvalidArgumentError} when the signer is none
 * @throws {@link InvalidDelegationError}, {@link WrongDelegationError}, {@link NewerFormatError}, {@link LimitExceededError} when
 *   the delegation is none, or does not let this node speak now
 */
export function resolveIdentity (privateKey: Uint8Array, init: Pick<DataNodeInit, 'delegation' | 'signer'>): NodeIdentity {
  const { address: node } = createIdentity(privateKey)
  const signer = init.signer === undefined ? undefined : checkedSigner(init.signer)
  const terms = { node, signer: signer?.address, now: Date.now() }
  const delegation = init.delegation === undefined ? undefined : readOwnDelegation(init.delegation, terms)
  return createIdentity(privateKey, { delegation, signer })
}

/** It is asked for several times while a peer connects. */
const addresses = new WeakMap<PeerId, Address>()

/**
 * The EVM account of a peer, from the public key inside its peer id. Undefined when that is of another type than
 * secp256k1, which has no EVM account.
 */
export function addressOfPeer (peerId: PeerId): Address | undefined {
  if (peerId.type !== 'secp256k1') return undefined
  const address = addresses.get(peerId) ?? addressOf(peerId.publicKey.raw)
  addresses.set(peerId, address)
  return address
}

class KeyIdentity implements NodeIdentity {
  readonly address: Address
  readonly peerId: string
  readonly account: Address
  readonly signer: Address
  readonly delegation: SignedDelegation | undefined
  readonly #privateKey: Uint8Array
  readonly #libp2pKey: PrivateKey
  readonly #remote: RemoteSigner | undefined

  constructor (privateKey: Uint8Array, { delegation, signer }: IdentityOptions) {
    this.#privateKey = Uint8Array.from(privateKey)
    this.#libp2pKey = new Libp2pKey(this.#privateKey)
    this.address = addressOf(this.#libp2pKey.publicKey.raw)
    this.peerId = peerIdFromPrivateKey(this.#libp2pKey).toString()
    this.delegation = delegation
    this.#remote = signer
    this.signer = signer?.address ?? this.address
    this.account = signer?.address ?? delegation?.wallet ?? this.address
  }

  get libp2pKey (): PrivateKey {
    return this.#libp2pKey
  }

  sign (digest: Uint8Array, options: AbortOptions = {}): Promise<Uint8Array> {
    if (this.#remote !== undefined) return this.#remote.sign(digest, options)
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
