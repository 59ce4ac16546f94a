/**
 * Finding the public key behind a signature on secp256k1: the dearest step of reading a statement. In JavaScript it takes more
 * than a millisecond; libsecp256k1, compiled to WebAssembly, takes a seventh of that. It is loaded where somebody asks for it: a
 * browser that checks one statement would wait longer for the module than for the check.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import type { RecoverableSignature, RecoverKey } from './recover-key-wasm.ts'

let recover: RecoverKey = recoverInJavaScript
let hastened: Promise<void> | undefined

/**
 * The public key whose owner made a signature of this digest, uncompressed.
 *
 * @throws when the signature belongs to no key
 */
export function recoverKey (digest: Uint8Array, signature: RecoverableSignature): Uint8Array {
  return recover(digest, signature)
}

/** The same, always in JavaScript. */
export function recoverInJavaScript (digest: Uint8Array, { compact, recovery }: RecoverableSignature): Uint8Array {
  return secp256k1.Signature.fromBytes(compact, 'compact').addRecoveryBit(recovery).recoverPublicKey(digest).toBytes(false)
}

/** True when keys are found by WebAssembly already. */
export function isHastened (): boolean {
  return recover !== recoverInJavaScript
}

/** From when this resolves on, keys are found by WebAssembly. Never rejects: where there is none, everything stays as it was. */
export function hastenRecovery (): Promise<void> {
  hastened ??= import('./recover-key-wasm.ts').then(async ({ loadRecovery }) => {
    recover = await loadRecovery()
  }).catch(() => { /* It is slower in JavaScript, and no less right. */ })
  return hastened
}
