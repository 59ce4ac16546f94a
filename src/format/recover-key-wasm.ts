import { instantiateSecp256k1 } from '@bitauth/libauth'

/** The two parts of a signature: r and s, 64 bytes, and which of two points r stands for. */
export interface RecoverableSignature {
  compact: Uint8Array
  recovery: 0 | 1
}

/** Gives 65 bytes: an uncompressed public key. Throws when the signature belongs to none. */
export type RecoverKey = (digest: Uint8Array, signature: RecoverableSignature) => Uint8Array

/** Compiles libsecp256k1. It is given nothing secret. */
export async function loadRecovery (): Promise<RecoverKey> {
  const { recoverPublicKeyUncompressed } = await instantiateSecp256k1()
  return (digest, { compact, recovery }) => {
    const publicKey = recoverPublicKeyUncompressed(compact, recovery, digest)
    if (typeof publicKey === 'string') throw new Error(publicKey)
    return publicKey
  }
}
