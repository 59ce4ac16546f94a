import { tagBytes } from './cached-keys.ts'
import type { Uint8ArrayList } from 'uint8arraylist'

type Bytes = Uint8Array | Uint8ArrayList

/**
 * Makes a connection that Noise has secured decrypt each message where it is. By itself it copies the message first, into memory
 * that decryption may write to, and ours does not write there. Each buffer that is saved is garbage that is not collected: of a
 * large transfer that takes more time than anything else.
 *
 * There is no option for it: this is the one place that replaces a method of its connections. Where they are not as
 * expected, nothing happens.
 *
 * @returns whether messages are decrypted so now
 */
export function decryptOnce (secured: object): boolean {
  if (!isSecured(secured)) return false
  const { handshake } = secured
  secured.decrypt = (message) => {
    if (message.byteLength < tagBytes) throw new Error('A message of Noise is shorter than its tag')
    return handshake.decrypt(message)
  }
  return true
}

/** What is used of a connection of `@chainsafe/libp2p-noise`. Its messages are as long as two bytes can say, or shorter. */
interface SecuredConnection {
  handshake: { decrypt: (message: Bytes) => Bytes }
  decrypt: (message: Bytes) => Bytes
}

function isSecured (connection: object): connection is SecuredConnection {
  const { handshake, decrypt }: { handshake?: { decrypt?: unknown }, decrypt?: unknown } = connection
  return typeof decrypt === 'function' && typeof handshake?.decrypt === 'function'
}
