/**
 * Names of files and directories inside a bundle.
 *
 * A name is 1 to 255 bytes of UTF-8, is not `.` or `..`, and has no `/`, no `\`, no control characters (U+0000–001F,
 * U+007F–009F), none of the characters that change the direction of text (U+061C, U+200E, U+200F, U+202A–202E,
 * U+2066–2069) and no lone surrogates. Names are compared as they are: they are not normalised.
 *
 * A path is names with `/` between them, relative to the root of the bundle: no `/` at either end, at most 4096 bytes, and
 * at most 32 directories before its last name.
 */
import { InvalidNameError } from '../errors.ts'
import { directoryDepthMax, nameBytesMax, pathBytesMax } from '../limits.ts'
import { invalidArgument } from './argument.ts'
import { quote } from './quote.ts'

const forbiddenCharacters = /[/\\\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

/**
 * Checks one name.
 *
 * @throws {@link InvalidArgumentError} when it is not text
 * @throws {@link InvalidNameError} when it cannot be part of a bundle
 */
export function checkEntryName (name: string): void {
  checkText(name, 'name')
  const problem = problemOf(name)
  if (problem !== undefined) {
    throw new InvalidNameError(`The name ${quote(name)} ${problem}`, { value: name })
  }
}

/**
 * Checks a path inside a bundle.
 *
 * @returns its names
 * @throws {@link InvalidArgumentError} when it is not text
 * @throws {@link InvalidNameError} when it is no relative path, is too long or too deep, or when one of its names is not valid
 */
export function checkPath (path: string): string[] {
  checkText(path, 'path')
  if (isLonger(path, pathBytesMax)) {
    throw new InvalidNameError(`The path ${quote(path)} is longer than ${pathBytesMax} bytes`, { value: path, max: pathBytesMax })
  }
  const names = path.split('/')
  for (const name of names) {
    const problem = problemOf(name)
    if (problem !== undefined) {
      throw new InvalidNameError(`The path ${quote(path)} cannot be in a bundle: the name ${quote(name)} ${problem}`, { value: path, name })
    }
  }
  if (names.length - 1 > directoryDepthMax) {
    throw new InvalidNameError(`The path ${quote(path)} has more than ${directoryDepthMax} directories`, { value: path, max: directoryDepthMax })
  }
  return names
}

/**
 * A form that is equal for names which a file system may take for one, because it ignores case or how accents are
 * composed. It errs on the side of taking two names for one.
 */
export function caseFold (name: string): string {
  // Lower case first: a capital ß is upper case already, and would stay a single letter.
  return name.normalize('NFC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC')
}

function problemOf (name: string): string | undefined {
  if (name === '') {
    return 'is empty'
  }
  if (name === '.' || name === '..') {
    return 'means a directory'
  }
  const [forbidden] = forbiddenCharacters.exec(name) ?? []
  if (forbidden !== undefined) {
    return `has the character U+${forbidden.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
  }
  if (!name.isWellFormed()) {
    return 'has a lone surrogate'
  }
  return isLonger(name, nameBytesMax) ? `is longer than ${nameBytesMax} bytes` : undefined
}

function checkText (value: unknown, what: string): void {
  if (typeof value !== 'string') throw invalidArgument(what, 'text', value)
}

/** Encodes only what may be on either side of the bound: a code unit is a byte at least, and three at most. */
function isLonger (text: string, bytesMax: number): boolean {
  if (text.length > bytesMax || text.length * 3 <= bytesMax) return text.length > bytesMax
  return new TextEncoder().encode(text).byteLength > bytesMax
}
