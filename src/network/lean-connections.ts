import { gatherWrites } from './gathered-writes.ts'
import { readLengths } from './message-lengths.ts'
import { reuseReadBuffer } from './read-buffer.ts'
import { decryptOnce } from './single-decryption.ts'
import type { ConnectionEncrypter } from '@libp2p/interface'

/** Makes an encrypter secure connections that write and decrypt with as few calls and copies as they can. */
export function leanConnections (encrypter: ConnectionEncrypter): ConnectionEncrypter {
  for (const direction of ['secureInbound', 'secureOutbound'] as const) {
    const secure = encrypter[direction].bind(encrypter)
    encrypter[direction] = async (connection, options) => {
      gatherWrites(connection)
      const secured = await secure(connection, options)
      readLengths(secured.connection)
      if (decryptOnce(secured.connection)) reuseReadBuffer(connection, secured.connection)
      return secured
    }
  }
  return encrypter
}
