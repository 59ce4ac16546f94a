/**
 * Receipts of anchors as they are handed over, `anchors.json` of exported evidence: a JSON array in canonical form (RFC 8785, see
 * `canonical-json.ts`) of at most 64 objects, sorted by their own canonical text, none of them twice. Each has these fields and
 * no others, in the forms of `schema.ts` and `anchor-receipt.ts`:
 *
 * ```
 * digest          what was anchored, 32 bytes: of a checkpoint, the SHA-256 of its text (checkpoint.ts)
 * anchor          where: 1 to 128 characters of printable ASCII without space; on an EVM chain `eip155:<chain id>:<contract>`
 * blockNumber     uint256
 * blockHash       32 bytes
 * time            of that block: seconds since 1970
 * transaction?    32 bytes
 * gasUsed?        uint256
 * ```
 *
 * A receipt proves nothing by itself: it says where to look.
 */
import { InvalidArgumentError, InvalidManifestError, LimitExceededError } from '../errors.ts'
import { anchorReceiptsBytesMax, anchorReceiptsMax } from '../limits.ts'
import type { AnchorReceipt } from '../interface/anchor.ts'
import type { JsonObject, JsonValue } from '../interface/primitives.ts'
import { anchorReceipt } from './anchor-receipt.ts'
import { decodeCanonicalJson, encodeCanonicalJson } from './canonical-json.ts'
import { describeValue } from './argument.ts'
import { problemOf } from './schema.ts'
import { fromUtf8 } from './utf8.ts'

/**
 * Writes receipts, in any order and each as often as it is given.
 *
 * @throws {@link InvalidArgumentError} when they are not receipts
 * @throws {@link LimitExceededError} when there are more than 64
 */
export function encodeAnchorReceipts (receipts: readonly AnchorReceipt[]): Uint8Array<ArrayBuffer> {
  const given: unknown = receipts
  if (!Array.isArray(given)) throw new InvalidArgumentError(`receipts must be an array, and is ${describeValue(given)}`)
  const fields = (given as AnchorReceipt[]).map(withoutUndefined)
  check(fields, message => new InvalidArgumentError(message))
  const byText = new Map(fields.map(fields => [textOf(fields), fields]))
  return encodeCanonicalJson([...byText].sort(([a], [b]) => a < b ? -1 : 1).map(([, fields]) => fields))
}

/**
 * Reads receipts. Nothing in them is verified.
 *
 * @throws {@link InvalidManifestError} when the bytes are not canonical JSON, or not receipts in their one order
 * @throws {@link LimitExceededError} when there are too many
 */
export function decodeAnchorReceipts (bytes: Uint8Array): AnchorReceipt[] {
  const value = decodeCanonicalJson(bytes, { bytesMax: anchorReceiptsBytesMax })
  check(value, invalid)
  const texts = value.map(textOf)
  if (texts.some((text, at) => at > 0 && (texts[at - 1] ?? '') >= text)) {
    throw invalid('The receipts are not in the order of their texts, or one is there twice')
  }
  return value as unknown as AnchorReceipt[]
}

function check (receipts: JsonValue, invalid: (message: string) => Error): asserts receipts is JsonObject[] {
  if (!Array.isArray(receipts)) throw invalid('The receipts of anchors are not an array')
  if (receipts.length > anchorReceiptsMax) {
    throw new LimitExceededError(`${receipts.length} receipts of anchors are more than the ${anchorReceiptsMax} that are taken`,
      { limit: 'anchorReceiptsMax', max: anchorReceiptsMax, actual: receipts.length })
  }
  for (const [at, given] of receipts.entries()) {
    const problem = problemOf(anchorReceipt, given)
    if (problem !== undefined) throw invalid(`Receipt ${at} of an anchor is not valid: ${problem}`)
  }
}

function invalid (message: string): InvalidManifestError {
  return new InvalidManifestError(message)
}

function withoutUndefined (receipt: AnchorReceipt): JsonObject {
  const fields = Object.entries(Object(receipt) as JsonObject)
  return Object.fromEntries(fields.filter(([, value]: [string, unknown]) => value !== undefined))
}

function textOf (receipt: JsonValue): string {
  return fromUtf8(encodeCanonicalJson(receipt)) ?? ''
}
