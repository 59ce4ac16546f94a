import { InvalidKeyError } from '../errors.ts'
import { fromHex } from '../format/hex.ts'

const keyBytes = 32
/** First lines of the file that go-libp2p and Kubo call `swarm.key`; the key follows, as hexadecimal digits. */
const swarmKeyHead = /^\/key\/swarm\/psk\/1\.0\.0\/\r?\n\/base16\/\r?\n/

/**
 * Reads the key of a private network: 32 bytes, their 64 hexadecimal digits, or the text of a `swarm.key`.
 *
 * @throws {@link InvalidKeyError} when it is none of these. The message never shows it
 */
export function parseNetworkKey (key: Uint8Array | string): Uint8Array {
  const given: unknown = key
  try {
    const bytes = typeof given === 'string' ? fromHex(given.replace(swarmKeyHead, '').trim(), keyBytes) : given
    if (bytes instanceof Uint8Array && bytes.byteLength === keyBytes) return Uint8Array.from(bytes)
  } catch { /* said below */ }
  throw new InvalidKeyError('networkKey must be 32 bytes, their 64 hexadecimal digits, or the text of a swarm.key file')
}
