/**
 * What an oracle found, `verdicts.json` of an evidence bundle: a JSON object in canonical form (RFC 8785, see
 * `canonical-json.ts`) of at most 16 MiB. Fields that this page does not name are kept. Forms are those of `schema.ts`.
 *
 * ```
 * verdicts       in the order of the claims, at most 256:
 *                { miner, ref, status, reason, digest?, expected?, actual?, copiedFrom?, content?, futureStatements? }
 *                miner and ref as they were claimed, whatever text that is; status as in `verdict.ts` of `interface/`;
 *                digest and content 32 bytes; expected and actual bytes as hexadecimal; copiedFrom an address
 * agreements     [{ content, miners }]: the largest group first, then that which was begun first
 * comparisons?   [{ contents: [a, b], score?, error? }]: pairs of different contents, in the order in which they were claimed
 * scores?        an object of the oracle's own
 * ```
 *
 * `content` is the SHA-256 over the lines `output.json <cid>` and `outputs <cid>` of those two entries of a result, each ending
 * with a newline, as far as it has them. Without `comparisons` those agree whose content is equal.
 */
import * as z from 'zod/mini'
import { InvalidManifestError } from '../errors.ts'
import { claimsMax, verdictsBytesMax } from '../limits.ts'
import type { EvidenceVerdict } from '../interface/evidence.ts'
import type { Agreement, Comparison, VerdictStatus } from '../interface/verdict.ts'
import { decodeCanonicalJson } from './canonical-json.ts'
import { address, bytes32, field, problemOf } from './schema.ts'

/** What an oracle found, as it stands in evidence. */
export interface RecordedVerdicts {
  verdicts: EvidenceVerdict[]
  agreements: Agreement[]
  comparisons?: Comparison[]
}

const statuses: readonly unknown[] = [
  'ok', 'unsigned', 'embargoed', 'unavailable', 'mismatch', 'wrong-signer', 'wrong-task', 'malformed', 'copied'
] satisfies VerdictStatus[]

const anyText = field(value => typeof value === 'string', 'text')

const anyHex = field(value => typeof value === 'string' && /^0x(?:[0-9a-f]{2})*$/.test(value), 'bytes in lower-case hexadecimal')

const verdict = z.looseObject({
  miner: anyText,
  ref: anyText,
  status: field(value => statuses.includes(value), 'a status of a verdict'),
  reason: anyText,
  digest: z.optional(bytes32),
  expected: z.optional(anyHex),
  actual: z.optional(anyHex),
  copiedFrom: z.optional(address),
  content: z.optional(bytes32)
})

const schema = z.looseObject({
  verdicts: z.array(verdict),
  agreements: z.array(z.looseObject({ content: bytes32, miners: z.array(address) })),
  comparisons: z.optional(z.array(z.looseObject({
    contents: z.tuple([bytes32, bytes32]),
    score: z.optional(field(value => typeof value === 'number', 'a number')),
    error: z.optional(anyText)
  })))
})

/**
 * Reads what an oracle found. Nothing in it is verified.
 *
 * @throws {@link InvalidManifestError} when the bytes are not canonical JSON, or not of this form
 * @throws {@link LimitExceededError} when it is larger or deeper than it may be
 */
export function decodeVerdicts (bytes: Uint8Array): RecordedVerdicts {
  const value = decodeCanonicalJson(bytes, { bytesMax: verdictsBytesMax })
  const problem = problemOf(schema, value)
  if (problem !== undefined) throw new InvalidManifestError(`The verdicts are not valid: ${problem}`, { problem })
  const verdicts = value as unknown as RecordedVerdicts
  if (verdicts.verdicts.length <= claimsMax) return verdicts
  throw new InvalidManifestError(`The verdicts are not valid: there are ${verdicts.verdicts.length}, and a task has at most ${claimsMax} claims`)
}
