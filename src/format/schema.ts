/**
 * Fields that more than one format has, and what they may be.
 *
 * | field | form |
 * |---|---|
 * | address | `0x` and 40 lower-case hexadecimal digits |
 * | 32 bytes | `0x` and 64 lower-case hexadecimal digits |
 * | uint256 | decimal string, `0` or `[1-9][0-9]*`, below 2^256 |
 * | time | seconds since 1970, decimal string, below 2^64 |
 * | signature | `0x` and 130 lower-case hexadecimal digits: r, s, v |
 * | root | CIDv1, dag-pb, sha2-256, in lower-case base32: 59 characters |
 * | kind | 1 to 64 characters of printable ASCII, without space, `"` and `\` |
 */
import * as z from 'zod/mini'
import { parseCanonicalCid } from './digest.ts'
import { isAddress, isHex } from './hex.ts'
import { quote } from './quote.ts'
import { isUint, isUint256 } from './uint256.ts'

/** An EVM address. */
export const address: z.ZodMiniType = field(isAddress, 'an address in lower-case hexadecimal')

/** 32 bytes. */
export const bytes32: z.ZodMiniType = field((value) => isHex(value, 32), '32 bytes in lower-case hexadecimal')

/** A number of a contract. */
export const uint256: z.ZodMiniType = field(isUint256, 'a decimal string below 2^256 without leading zeros')

/** Seconds since 1970. */
export const time: z.ZodMiniType = field((value) => isUint(value, 64), 'a decimal string below 2^64 without leading zeros')

/** A signature of a digest: r, s, v. */
export const signature: z.ZodMiniType = field((value) => isHex(value, 65), '65 bytes in lower-case hexadecimal')

/** The root of a bundle as text. */
export const rootText: z.ZodMiniType = field((value) => parseCanonicalCid(value) !== undefined,
  'the CID of a root in its canonical text: CIDv1, dag-pb, sha2-256, lower-case base32')

/** The kind of a bundle. Without `"` and `\`, so that a character is a byte in JSON too. */
export const kind: z.ZodMiniType = text(/^[!#-[\]-~]{1,64}$/, '1 to 64 characters of printable ASCII without space, quotation mark and backslash')

/** A field that is accepted when `accepts` says so; `what` completes "… is not". */
export function field (accepts: (value: unknown) => boolean, what: string): z.ZodMiniType {
  return z.unknown().check(z.refine(accepts, {
    error: ({ input }) => input === undefined ? `is missing; it has to be ${what}` : `is ${show(input)}, which is not ${what}`
  }))
}

/** A field of text that matches. */
export function text (pattern: RegExp, what: string): z.ZodMiniType {
  return field((value) => typeof value === 'string' && pattern.test(value), what)
}

/**
 * The first thing that is wrong with a value, as a sentence that starts with the field.
 *
 * @returns undefined when the value fits
 */
export function problemOf (schema: z.ZodMiniType, value: unknown): string | undefined {
  const issue = schema.safeParse(value, { jitless: true }).error?.issues[0]
  return issue === undefined ? undefined : `${issue.path.length === 0 ? 'it' : issue.path.map(String).join('.')} ${describe(issue)}`
}

function describe (issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type': return `is not of type ${issue.expected}`
    case 'unrecognized_keys': return `has the unknown field ${quote(issue.keys[0] ?? '')}`
    default: return issue.message
  }
}

function show (value: unknown): string {
  return typeof value === 'string' ? quote(value) : quote(JSON.stringify(value))
}
