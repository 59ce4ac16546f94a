/**
 * What a node has anchored of its trail, and what is on its way: the file `anchors` beside the trail. A JSON object in canonical
 * form (RFC 8785, see `canonical-json.ts`) with these fields and no others:
 *
 * ```
 * format      'cortensor-anchors'
 * version     '1'
 * anchored    checkpoints that are anchored, the oldest first: { size, root, receipt }
 * waiting     the one that may be anchored already or not, when there is one: { size, root, anchor }
 * ```
 *
 * `size` is the number of entries, a decimal string below 2^53; `root` the hash of their tree, 32 bytes as hexadecimal; `receipt`
 * is that of `anchor-receipt.ts`, and `anchor` the name of an anchor.
 */
import * as z from 'zod/mini'
import { DamagedTrailError } from '../errors.ts'
import { anchorRecordBytesMax } from '../limits.ts'
import type { AnchorReceipt, AnchoredCheckpoint } from '../interface/anchor.ts'
import type { TreeHead } from '../interface/merkle.ts'
import type { Hex } from '../interface/primitives.ts'
import { anchorId, anchorReceipt } from './anchor-receipt.ts'
import { fromHex, toHex } from './hex.ts'
import { decodeRecord, encodeRecord, recordFormat } from './json-record.ts'
import { bytes32, field } from './schema.ts'
import { isUint } from './uint256.ts'

/** A checkpoint that is being written to an anchor. */
export interface WaitingCheckpoint extends TreeHead {
  /** Name of the anchor. */
  anchor: string
}

/** What the file says. */
export interface AnchorRecord {
  /** The oldest first. */
  anchored: readonly AnchoredCheckpoint[]
  waiting?: WaitingCheckpoint
}

interface HeadJson { size: string, root: Hex }

const head = { size: field(value => isUint(value, 53), 'a decimal string below 2^53 without leading zeros'), root: bytes32 }

const record = recordFormat({
  what: 'record of what was anchored',
  format: 'cortensor-anchors',
  version: '1',
  fields: {
    anchored: z.array(z.strictObject({ ...head, receipt: anchorReceipt })),
    waiting: z.optional(z.strictObject({ ...head, anchor: anchorId }))
  },
  bytesMax: anchorRecordBytesMax,
  invalid: (message, details) => new DamagedTrailError(message, details)
})

/**
 * Writes the record.
 *
 * @throws {@link DamagedTrailError} when a field is not of its form
 */
export function encodeAnchorRecord ({ anchored, waiting }: AnchorRecord): Uint8Array<ArrayBuffer> {
  return encodeRecord(record, {
    anchored: anchored.map(({ receipt, ...tree }) => ({ ...headJson(tree), receipt })),
    ...waiting && { waiting: { ...headJson(waiting), anchor: waiting.anchor } }
  })
}

/**
 * Reads the record.
 *
 * @throws {@link DamagedTrailError} when the bytes are not one in its canonical form
 * @throws {@link NewerFormatError} when it was written in a newer version
 * @throws {@link LimitExceededError} when it is larger than 2 MiB
 */
export function decodeAnchorRecord (bytes: Uint8Array): AnchorRecord {
  const { anchored, waiting } = decodeRecord(record, bytes) as unknown as
    { anchored: (HeadJson & { receipt: AnchorReceipt })[], waiting?: HeadJson & { anchor: string } }
  return {
    anchored: anchored.map(({ receipt, ...json }) => ({ ...headOf(json), receipt })),
    ...waiting && { waiting: { ...headOf(waiting), anchor: waiting.anchor } }
  }
}

function headJson ({ size, root }: TreeHead): HeadJson {
  return { size: String(size), root: toHex(root) }
}

function headOf ({ size, root }: HeadJson): TreeHead {
  return { size: Number(size), root: fromHex(root) }
}
