import { CID } from 'multiformats/cid'
import { InvalidMessageError } from '../errors.ts'
import { cidBytesMax } from '../limits.ts'
import { asRootCid } from './digest.ts'

/**
 * Reads a binary CID of a wire message.
 *
 * @param what - what it is, for the message: "The root of a request"
 * @throws {@link InvalidMessageError} when it is too long, or not a CID in its shortest form and nothing else
 */
export function decodeBinaryCid (bytes: Uint8Array, what: string): CID {
  if (bytes.length > cidBytesMax) {
    throw new InvalidMessageError(`${what} has ${bytes.length} bytes; at most ${cidBytesMax} are taken`)
  }
  try {
    const cid = CID.decode(new Uint8Array(bytes))
    if (cid.bytes.length !== bytes.length) throw new TypeError('The CID is not in its shortest form')
    return cid
  } catch (cause) {
    throw new InvalidMessageError(`${what} is not a CID`, { cause })
  }
}

/**
 * Reads the binary CID of a bundle's root.
 *
 * @throws {@link InvalidMessageError} when it is not a CID, or that of something else
 */
export function decodeBinaryRoot (bytes: Uint8Array, what: string): CID {
  const cid = decodeBinaryCid(bytes, what)
  try {
    return asRootCid(cid)
  } catch (cause) {
    throw new InvalidMessageError(`${what} is not the root of a bundle`, { cause })
  }
}
