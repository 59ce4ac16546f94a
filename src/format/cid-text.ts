/**
 * CIDs as text: version 1 in any common multibase, or version 0 (`Qm…`).
 *
 * Text of more than 128 characters is refused before it is decoded: base58 and the other bases that are no power of two
 * take time quadratic in its length.
 */
import { base10 } from 'multiformats/bases/base10'
import { base16, base16upper } from 'multiformats/bases/base16'
import {
  base32, base32hex, base32hexpad, base32hexpadupper, base32hexupper, base32pad, base32padupper, base32upper, base32z
} from 'multiformats/bases/base32'
import { base36, base36upper } from 'multiformats/bases/base36'
import { base58btc, base58flickr } from 'multiformats/bases/base58'
import { base64, base64pad, base64url, base64urlpad } from 'multiformats/bases/base64'
import { base8 } from 'multiformats/bases/base8'
import { CID } from 'multiformats/cid'
import { InvalidReferenceError } from '../errors.ts'
import { cidTextCharactersMax } from '../limits.ts'
import { quote } from './quote.ts'

const bases = new Map([
  base8, base10, base16, base16upper, base32, base32hex, base32hexpad, base32hexpadupper, base32hexupper, base32pad,
  base32padupper, base32upper, base32z, base36, base36upper, base58btc, base58flickr, base64, base64pad, base64url, base64urlpad
].map((base) => [base.prefix as string, base]))

/**
 * Reads the text of a CID, of any codec and hash.
 *
 * @throws {@link InvalidReferenceError} when it is longer than 128 characters or not a CID
 */
export function parseCidText (text: string): CID {
  if (text.length > cidTextCharactersMax) {
    throw new InvalidReferenceError(
      `${quote(text)} is longer than the ${cidTextCharactersMax} characters that a CID may have`,
      { limit: 'cidTextCharactersMax', max: cidTextCharactersMax, actual: text.length })
  }
  try {
    return CID.parse(text, text.startsWith('Q') ? undefined : bases.get(text.charAt(0)))
  } catch (cause) {
    throw new InvalidReferenceError(`${quote(text)} is not a CID`, { cause, value: text })
  }
}
