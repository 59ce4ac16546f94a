/**
 * Numbers of contracts: in every format of this library a uint256 is a decimal string, `0` or `[1-9][0-9]*`, below 2^256;
 * never a JSON number, which ends at 2^53.
 */
import { numberToBytesBE } from '@noble/curves/utils.js'
import { InvalidArgumentError } from '../errors.ts'
import type { Uint256 } from '../interface/primitives.ts'
import { describeValue } from './argument.ts'

const digitsMax = 78

/** Tells whether a value is a uint256 in the one form that formats take. */
export function isUint256 (value: unknown): value is Uint256 {
  return isUint(value, 256)
}

/** Tells whether a value is an unsigned integer of at most this many bits in the one form that formats take. */
export function isUint (value: unknown, bits: number): value is Uint256 {
  return typeof value === 'string' && value.length <= digitsMax && /^(?:0|[1-9][0-9]*)$/.test(value) && BigInt(value) >> BigInt(bits) === 0n
}

/**
 * Takes a uint256 from a caller.
 *
 * @param field - what it is, for the message
 * @throws {@link InvalidArgumentError} when it is not a decimal string below 2^256 without leading zeros
 */
export function parseUint256 (value: unknown, field: string): Uint256 {
  if (!isUint256(value)) {
    throw new InvalidArgumentError(
      `${field} is ${describeValue(value)}, which is not a decimal string below 2^256 without leading zeros`, { field, value })
  }
  return value
}

/**
 * The 32 bytes of a uint256, the highest first, as in the ABI.
 *
 * @throws {@link InvalidArgumentError} when the text is not a uint256
 */
export function uint256Bytes (text: Uint256): Uint8Array {
  return numberToBytesBE(BigInt(parseUint256(text, 'the number')), 32)
}
