import { instantiateSecp256k1 } from '@bitauth/libauth'
import type { RecoverKey } from './recover-key.ts'

/** Compiles libsecp256k1. It is given nothing secret. */
export async function loadRecovery (): Promise<RecoverKey> {
  const { recoverPublicKeyUncompressed } = await instantiateSecp256k1()
  return (digest, { compact, recovery }) => {
    const publicKey = recoverPublicKeyUncompressed(compact, recovery, digest)
    if (typeof publicKey === 'string') throw new Error(publicKey)
    return publicKey
  }
}
