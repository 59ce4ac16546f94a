/** The receipt of an anchor as JSON: the fields of {@link AnchorReceipt} and no others. */
import * as z from 'zod/mini'
import { AnchorError } from '../errors.ts'
import { anchorIdCharactersMax } from '../limits.ts'
import type { AnchorReceipt } from '../interface/anchor.ts'
import type { Digest } from '../interface/primitives.ts'
import { bytes32, problemOf, text, time, uint256 } from './schema.ts'

/** Name of an anchor: printable ASCII. */
export const anchorId: z.ZodMiniType = text(new RegExp(`^[!-~]{1,${anchorIdCharactersMax}}$`),
  `1 to ${anchorIdCharactersMax} characters of printable ASCII without spaces`)

/** Tells whether a value is the name of an anchor. */
export function isAnchorId (value: unknown): value is string {
  return problemOf(anchorId, value) === undefined
}

/** A receipt. */
export const anchorReceipt: z.ZodMiniType = z.strictObject({
  digest: bytes32,
  anchor: anchorId,
  blockNumber: uint256,
  blockHash: bytes32,
  time,
  transaction: z.optional(bytes32),
  gasUsed: z.optional(uint256)
})

/**
 * Takes what an anchor gives for a digest.
 *
 * @throws {@link AnchorError} when it is not of its form, or the receipt of something else
 */
export function checkReceipt (value: unknown, expected: { digest: Digest, anchor: string }): AnchorReceipt {
  const problem = problemOf(anchorReceipt, value)
  if (problem !== undefined) throw new AnchorError(`The anchor ${expected.anchor} gave a receipt that is none: ${problem}`, { problem })
  const receipt = value as AnchorReceipt
  for (const field of ['digest', 'anchor'] as const) {
    if (receipt[field] === expected[field]) continue
    throw new AnchorError(
      `The anchor ${expected.anchor} was asked for ${expected.digest}, and gave a receipt whose ${field} is ${receipt[field]}`,
      { expected: expected[field], actual: receipt[field] })
  }
  const { digest, anchor, blockNumber, blockHash, time, transaction, gasUsed } = receipt
  return {
    digest,
    anchor,
    blockNumber,
    blockHash,
    time,
    ...transaction !== undefined && { transaction },
    ...gasUsed !== undefined && { gasUsed }
  }
}
