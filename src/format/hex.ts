/**
 * Bytes as hexadecimal text.
 *
 * In every format of this library bytes are written as `0x` and two lower-case digits a byte, and an address is 20 bytes
 * written so. What a person types may have upper-case digits (as in ERC-55) and is turned into lower case at the border.
 */
import { hexToBytes } from '@noble/hashes/utils.js'
import { InvalidArgumentError } from '../errors.ts'
import type { Address, Hex } from '../interface/primitives.ts'
import { describeValue } from './argument.ts'

const digits = new TextEncoder().encode('0123456789abcdef')
const ascii = new TextDecoder()

/**
 * Writes bytes as `0x` and lower-case digits, in one piece of text: joined digit by digit it would stay in as many pieces, a
 * kilobyte for each hash that is kept.
 */
export function toHex (bytes: Uint8Array): Hex {
  const text = new Uint8Array(2 + bytes.length * 2)
  text.set([0x30, 0x78])
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    text[2 + at * 2] = digits[byte >> 4] ?? 0
    text[3 + at * 2] = digits[byte & 15] ?? 0
  }
  return ascii.decode(text) as Hex
}

/**
 * Reads hexadecimal text of either case, with or without `0x`. The message of the error never shows the text, which may
 * be a key.
 *
 * @param bytes - how many bytes it has to be; any number when absent
 * @throws {@link InvalidArgumentError} when the text is something else
 */
export function fromHex (hex: string, bytes?: number): Uint8Array {
  const digits = hex.startsWith('0x') ? hex.slice(2) : hex
  const wanted = bytes === undefined ? 'bytes' : `${bytes} bytes`
  if (bytes === undefined ? digits.length % 2 !== 0 : digits.length !== bytes * 2) {
    throw new InvalidArgumentError(`${digits.length} digits are not ${wanted} of hexadecimal`, { digits: digits.length, bytes })
  }
  if (!/^[0-9a-fA-F]*$/.test(digits)) {
    throw new InvalidArgumentError(`A text of ${digits.length} characters has others than hexadecimal digits`, { bytes })
  }
  return hexToBytes(digits)
}

/** Tells whether a value is exactly this many bytes in the one form that formats take: `0x` and lower-case digits. */
export function isHex (value: unknown, bytes: number): value is Hex {
  return typeof value === 'string' && value.length === 2 + bytes * 2 && /^0x[0-9a-f]*$/.test(value)
}

/** Tells whether a value is an address in the one form that formats take. */
export function isAddress (value: unknown): value is Address {
  return isHex(value, 20)
}

/**
 * Reads an address in any case. The checksum of ERC-55 is not checked.
 *
 * @throws {@link InvalidArgumentError} when the text is not `0x` and 40 digits
 */
export function parseAddress (text: string): Address {
  const given: unknown = text
  const address = typeof given === 'string' && given.length === 42 ? given.toLowerCase() : given
  if (!isAddress(address)) {
    throw new InvalidArgumentError(`${describeValue(given)} is not an address: 0x and 40 hexadecimal digits`, { value: given })
  }
  return address
}
