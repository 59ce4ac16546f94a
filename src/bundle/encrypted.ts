import { EncryptedPayloadError } from '../errors.ts'
import type { Manifest } from '../interface/manifest.ts'

/** An error about a payload that the network encrypted before it reached this library. */
export function encrypted (urn: string, path: string, { encryption }: Manifest): EncryptedPayloadError {
  return new EncryptedPayloadError(
    `${path} of ${urn} is encrypted (scheme ${JSON.stringify(encryption?.scheme)}): read it with bytes('${path}') and decrypt it`,
    { ...encryption, path })
}
