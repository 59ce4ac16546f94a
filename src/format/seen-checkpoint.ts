/**
 * A checkpoint as others keep it and send it on: with all that is needed to see whose it is.
 *
 * ```
 * <audit key>        JSON as in audit-key.ts, which has no newline
 *                    a newline
 * <signed note>      as in signed-note.ts; its text is a checkpoint
 * ```
 *
 * It has at most 4 KiB.
 */
import { concatBytes } from '@noble/hashes/utils.js'
import { InvalidCheckpointError, LimitExceededError } from '../errors.ts'
import { seenCheckpointBytesMax } from '../limits.ts'
import { checkBytes } from './argument.ts'
import { decodeAuditKey, encodeAuditKey } from './audit-key.ts'
import type { AuditKey } from './audit-key.ts'
import { decodeNote, encodeNote } from './signed-note.ts'
import type { SignedNote } from './signed-note.ts'
import { verifyCheckpoint } from './verify-checkpoint.ts'
import type { ExpectedCheckpoint, SignedCheckpoint } from './verify-checkpoint.ts'

/** A checkpoint that somebody has seen, and the audit key that it is verified with. Nothing of it is verified. */
export interface SeenCheckpoint {
  auditKey: AuditKey
  note: SignedNote
}

const newline = 0x0A

/**
 * Writes a seen checkpoint.
 *
 * @throws {@link LimitExceededError} when it has more than 4 KiB: its note has many signatures
 */
export function encodeSeenCheckpoint ({ auditKey, note }: SeenCheckpoint): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(concatBytes(encodeAuditKey(auditKey), Uint8Array.of(newline), encodeNote(note)))
  checkLength(bytes)
  return bytes
}

/**
 * Reads a seen checkpoint, and verifies nothing ({@link verifySeenCheckpoint}).
 *
 * @throws {@link InvalidCheckpointError} when it has no audit key in front
 * @throws {@link InvalidAuditKeyError}, {@link InvalidNoteError} when a part of it is malformed
 * @throws {@link LimitExceededError} when it has more than 4 KiB
 */
export function decodeSeenCheckpoint (bytes: Uint8Array): SeenCheckpoint {
  checkBytes(bytes, 'a seen checkpoint')
  checkLength(bytes)
  const split = bytes.indexOf(newline)
  if (split === -1) throw new InvalidCheckpointError('A seen checkpoint has no audit key on a line of its own')
  return { auditKey: decodeAuditKey(bytes.subarray(0, split)), note: decodeNote(bytes.subarray(split + 1)) }
}

/** Checks that it is a checkpoint of this node, and of this log where one is named. Throws as `verifyCheckpoint` does. */
export function verifySeenCheckpoint (
  { auditKey, note }: SeenCheckpoint, expected: Omit<ExpectedCheckpoint, 'auditKey'>
): SignedCheckpoint {
  return verifyCheckpoint(note, { auditKey, ...expected })
}

function checkLength ({ byteLength }: Uint8Array): void {
  if (byteLength <= seenCheckpointBytesMax) return
  throw new LimitExceededError(`A seen checkpoint has ${byteLength} bytes; at most ${seenCheckpointBytesMax} are taken`,
    { limit: 'seenCheckpointBytesMax', max: seenCheckpointBytesMax, actual: byteLength })
}
