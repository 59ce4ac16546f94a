/**
 * A fork: the proof that a node signed two checkpoints of one log that cannot both be true. It is a JSON object in canonical form
 * (RFC 8785, see `canonical-json.ts`) of at most 16 KiB, with these fields and no others:
 *
 * ```
 * format      'cortensor-fork'
 * version     '1'
 * earlier     the one of fewer entries, or of as many: a seen checkpoint (seen-checkpoint.ts) as text
 * later       the other one
 * root        32 bytes as hexadecimal: the root that the tree of `later` has at the size of `earlier`
 * proof       the consistency proof (RFC 6962) from `root` to `later`: its hashes one after the other as hexadecimal
 * ```
 *
 * Where the proof holds, and `root` is another one than that of `earlier`, the log was told in two ways. No signature but those
 * of the node is needed to show it, so that anybody can be shown.
 */
import { concatBytes } from '@noble/hashes/utils.js'
import { equals } from 'multiformats/bytes'
import { InvalidForkError } from '../errors.ts'
import { forkBytesMax, proofHashesMax } from '../limits.ts'
import { verifyConsistency } from '../merkle/consistency.ts'
import type { Address, Hex } from '../interface/primitives.ts'
import { parseAuditOrigin } from './audit-origin.ts'
import type { Checkpoint } from './checkpoint.ts'
import { fromHex, toHex } from './hex.ts'
import { decodeRecord, encodeRecord, recordFormat, refuseInvalid } from './json-record.ts'
import { bytes32, field } from './schema.ts'
import { decodeSeenCheckpoint, encodeSeenCheckpoint, verifySeenCheckpoint } from './seen-checkpoint.ts'
import type { SeenCheckpoint } from './seen-checkpoint.ts'
import { fromUtf8, toUtf8 } from './utf8.ts'

/** Two checkpoints of one log, and the proof that the later one does not continue the earlier one. */
export interface Fork {
  earlier: SeenCheckpoint
  later: SeenCheckpoint
  /** The root that the later tree has at the size of the earlier one: 32 bytes. */
  root: Uint8Array
  /** From that root to the later one: hashes of 32 bytes. */
  proof: readonly Uint8Array[]
}

/** Whose log was told in two ways, and how. */
export interface VerifiedFork {
  address: Address
  origin: string
  earlier: Checkpoint
  later: Checkpoint
}

const hashBytes = 32
const hashes = /^0x(?:[0-9a-f]{64})*$/

const record = recordFormat({
  what: 'fork',
  format: 'cortensor-fork',
  version: '1',
  fields: {
    earlier: field(isText, 'text'),
    later: field(isText, 'text'),
    root: bytes32,
    proof: field(isProof, `up to ${proofHashesMax} hashes of ${hashBytes} bytes as hexadecimal`)
  },
  bytesMax: forkBytesMax,
  invalid: (message, details) => new InvalidForkError(message, details)
})

/**
 * Writes a fork. Nothing of it is verified.
 *
 * @throws {@link InvalidForkError} when a field is not of its form
 */
export function encodeFork ({ earlier, later, root, proof }: Fork): Uint8Array<ArrayBuffer> {
  const [hash, hashes] = [toHex(root), toHex(concatBytes(...proof))]
  return encodeRecord(record, { earlier: textOf(earlier), later: textOf(later), root: hash, proof: hashes })
}

/**
 * Reads a fork, and verifies nothing ({@link verifyFork}).
 *
 * @throws {@link InvalidForkError} when the bytes are not one
 * @throws {@link NewerFormatError} when it was written in a newer version
 * @throws {@link LimitExceededError} when it has more than 16 KiB
 */
export function decodeFork (bytes: Uint8Array): Fork {
  const json = decodeRecord(record, bytes) as Record<'earlier' | 'later', string> & Record<'root' | 'proof', Hex>
  const joined = fromHex(json.proof)
  return refuseInvalid(record, () => ({
    earlier: decodeSeenCheckpoint(toUtf8(json.earlier)),
    later: decodeSeenCheckpoint(toUtf8(json.later)),
    root: fromHex(json.root, hashBytes),
    proof: Array.from({ length: joined.byteLength / hashBytes }, (_, at) => joined.slice(at * hashBytes, (at + 1) * hashBytes))
  }))
}

/**
 * Checks that a fork is one: that a node signed both checkpoints, of one log, and that they cannot both be true.
 *
 * @throws {@link InvalidForkError} when it proves nothing
 */
export function verifyFork (fork: Fork): VerifiedFork {
  const checked = decodeFork(encodeFork(fork))
  return refuseInvalid(record, () => {
    const { origin } = checked.earlier.auditKey
    const { address } = parseAuditOrigin(origin)
    const { checkpoint: earlier } = verifySeenCheckpoint(checked.earlier, { address, origin })
    const { checkpoint: later } = verifySeenCheckpoint(checked.later, { address, origin })
    const { root, proof } = checked
    verifyConsistency({ earlier: { size: earlier.size, root }, later }, proof)
    if (equals(root, earlier.root)) {
      throw new InvalidForkError(`The checkpoint of ${later.size} entries continues the one of ${earlier.size}: both can be true`)
    }
    return { address, origin, earlier, later }
  })
}

function textOf (seen: SeenCheckpoint): string {
  return fromUtf8(encodeSeenCheckpoint(seen)) ?? ''
}

function isText (value: unknown): boolean {
  return typeof value === 'string' && value.isWellFormed()
}

function isProof (value: unknown): boolean {
  return typeof value === 'string' && hashes.test(value) && value.length <= 2 + proofHashesMax * hashBytes * 2
}
