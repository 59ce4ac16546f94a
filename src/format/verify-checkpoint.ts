import { WrongOriginError, WrongSignerError } from '../errors.ts'
import type { Address, Hex } from '../interface/primitives.ts'
import { checkObject, checkOptional } from './argument.ts'
import { verifyAuditKey } from './audit-key.ts'
import type { AuditKey } from './audit-key.ts'
import { checkpointDigest, decodeCheckpoint } from './checkpoint.ts'
import type { Checkpoint } from './checkpoint.ts'
import { fromHex, parseAddress } from './hex.ts'
import { quote } from './quote.ts'
import { verifyNote } from './signed-note.ts'
import type { SignedNote } from './signed-note.ts'

/** Whose checkpoint is expected. */
export interface ExpectedCheckpoint {
  /** The node's word that an Ed25519 key signs the checkpoints of a log. */
  auditKey: AuditKey
  /** Address of the node. */
  address: Address
  /** Which of its logs; any when absent. A node has one for each disk that it was on. */
  origin?: string | undefined
}

/** A checkpoint that its node signed. */
export interface SignedCheckpoint {
  checkpoint: Checkpoint
  /** SHA-256 of its text, 32 bytes: what is anchored. */
  digest: Hex
  /** Address of the node. */
  signer: Address
}

/**
 * Checks that a note is a checkpoint of a node's audit trail: the node signed the audit key, that signed the note, and both are
 * of one log. It says what the node committed to; not that nobody was told something else: that takes a consistency proof
 * ({@link verifyConsistency}) from a checkpoint that others saw.
 *
 * @param note - as {@link decodeNote} reads it; signatures by other keys, such as those of witnesses, are ignored
 * @returns the checkpoint with its origin, size and root (32 bytes), and what is anchored of it
 * @throws {@link InvalidAuditKeyError} when the audit key is malformed
 * @throws {@link WrongSignerError} when the audit key is not signed by `address`
 * @throws {@link WrongOriginError} when the audit key or the checkpoint is of another log
 * @throws {@link UnsignedError} when the note has no signature by the audit key
 * @throws {@link InvalidSignatureError} when the note or its signature was changed
 * @throws {@link InvalidNoteError} when the note is malformed
 * @throws {@link InvalidCheckpointError} when the text of the note is not a checkpoint
 * @throws {@link InvalidArgumentError} when an argument is not of its type
 */
export function verifyCheckpoint (note: SignedNote, expected: ExpectedCheckpoint): SignedCheckpoint {
  checkObject(expected, 'expected')
  checkOptional(expected.origin, 'origin', 'string')
  const address = parseAddress(expected.address)
  const { auditKey, signer } = verifyAuditKey(expected.auditKey)
  if (signer !== address) {
    throw new WrongSignerError(`The audit key is signed by ${signer}, and ${address} is expected`, { expected: address, actual: signer })
  }
  if (expected.origin !== undefined) checkOrigin('audit key', auditKey.origin, expected.origin)
  verifyNote(note, { name: auditKey.origin, publicKey: fromHex(auditKey.ed25519PublicKey) })
  const checkpoint = decodeCheckpoint(note.text)
  checkOrigin('checkpoint', checkpoint.origin, auditKey.origin)
  return { checkpoint, digest: checkpointDigest(checkpoint), signer }
}

function checkOrigin (what: string, actual: string, expected: string): void {
  if (actual === expected) return
  throw new WrongOriginError(`The ${what} is of the log ${quote(actual)}, and ${quote(expected)} is expected`, { expected, actual })
}
