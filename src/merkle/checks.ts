/** What callers and strangers give, checked before anything is hashed. */
import { bytesToHex } from '@noble/hashes/utils.js'
import { InvalidArgumentError, InvalidProofError, ProofMismatchError } from '../errors.ts'
import { treeSizeMax } from '../limits.ts'
import type { TreeHead } from '../interface/merkle.ts'
import { emptyRoot, hashBytes } from './hashing.ts'

/** @throws {@link InvalidArgumentError} when the value is not a whole number from 0 to 2^53 - 1 */
export function checkCount (value: unknown, name: string): asserts value is number {
  if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= treeSizeMax) return
  throw new InvalidArgumentError(`${name} must be a whole number from 0 to 2^53 - 1, and is ${typeof value === 'number' ? value : `a ${typeof value}`}`,
    { argument: name, value })
}

/** @throws {@link InvalidArgumentError} when the value is not 32 bytes */
export function checkHash (value: unknown, name: string): asserts value is Uint8Array {
  if (value instanceof Uint8Array && value.byteLength === hashBytes) return
  throw new InvalidArgumentError(`${name} must be ${hashBytes} bytes, and is ${value instanceof Uint8Array ? value.byteLength : `a ${typeof value}`}`,
    { argument: name })
}

/**
 * @throws {@link InvalidArgumentError} when the value is not a size and 32 bytes
 * @throws {@link ProofMismatchError} when it has no entries, and not the one root of a tree without any
 */
export function checkTreeHead (value: unknown, name: string): asserts value is TreeHead {
  if (typeof value !== 'object' || value === null || !('size' in value) || !('root' in value)) {
    throw new InvalidArgumentError(`${name} must be an object with size and root, and is ${value === null ? 'null' : `a ${typeof value}`}`, { argument: name })
  }
  checkCount(value.size, `${name}.size`)
  checkHash(value.root, `${name}.root`)
  if (value.size === 0) checkRoot(emptyRoot(), value.root, 'The root of a tree without entries')
}

/**
 * @throws {@link InvalidProofError} when the proof does not have as many hashes as are needed
 * @throws {@link InvalidArgumentError} when it is not a list of 32 bytes each
 */
export function checkProof (proof: unknown, expected: number, what: string): asserts proof is readonly Uint8Array[] {
  if (!Array.isArray(proof)) throw new InvalidArgumentError(`The proof must be an array of hashes, and is a ${typeof proof}`, { argument: 'proof' })
  const hashes = proof as readonly unknown[]
  if (hashes.length !== expected) {
    throw new InvalidProofError(`${what} needs a proof of ${expected} hashes; this one has ${hashes.length}`, { expected, actual: hashes.length })
  }
  // Not `forEach`, which passes over holes.
  for (const [at, hash] of hashes.entries()) checkHash(hash, `hash ${at} of the proof`)
}

/** @throws {@link ProofMismatchError} when the two roots differ */
export function checkRoot (actual: Uint8Array, expected: Uint8Array, what: string): void {
  const [was, should] = [bytesToHex(actual), bytesToHex(expected)]
  if (was === should) return
  throw new ProofMismatchError(`${what} is 0x${was}, and should be 0x${should}: something was changed, or it is of another tree`,
    { expected: `0x${should}`, actual: `0x${was}` })
}
