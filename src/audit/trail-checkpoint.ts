/** The two files of a trail that are signed: its audit key and its checkpoint. */
import { decodeAuditKey, encodeAuditKey, signAuditKey } from '../format/audit-key.ts'
import { encodeCheckpoint } from '../format/checkpoint.ts'
import { toHex } from '../format/hex.ts'
import { decodeNote, encodeNote, signNote } from '../format/signed-note.ts'
import { verifyCheckpoint } from '../format/verify-checkpoint.ts'
import { auditKeyBytesMax, noteBytesMax } from '../limits.ts'
import { emptyRoot } from '../merkle/hashing.ts'
import { damagedTrail } from './damaged-trail.ts'
import type { AuditKey } from '../format/audit-key.ts'
import type { SignedNote } from '../format/signed-note.ts'
import type { TreeHead } from '../interface/merkle.ts'
import type { DerivedSigner, Identity } from '../interface/network.ts'
import type { DurableFiles } from '../interface/store.ts'

/** Who signs a trail. */
export interface TrailSigner {
  /** Which log it is: see `audit-origin.ts`. */
  origin: string
  identity: Pick<Identity, 'address' | 'sign'>
  /** Key of the checkpoints. */
  key: DerivedSigner
  /** Milliseconds since 1970. */
  clock: () => number
}

/** What the signed files say. */
export interface OpenedCheckpoint {
  auditKey: AuditKey
  note: SignedNote
  /** The tree that the note commits to. */
  head: TreeHead
}

/** Signs what a trail says of itself at one size. */
export async function signCheckpoint ({ origin, key }: TrailSigner, head: TreeHead): Promise<SignedNote> {
  const text = encodeCheckpoint({ origin, ...head, extensions: [] })
  return await signNote(text, { name: origin, publicKey: key.publicKey }, async message => await key.sign(message))
}

/** Puts a checkpoint in place of the one before. */
export async function placeCheckpoint (files: DurableFiles, note: SignedNote): Promise<void> {
  await files.place([{ path: 'checkpoint', bytes: encodeNote(note) }])
}

/**
 * Reads both files. Where there is nothing yet, they are made: of a log without entries.
 *
 * @throws {@link DamagedTrailError} when the checkpoint is missing, is none, or is not signed by this node for this log
 */
export async function openCheckpoint (files: DurableFiles, signer: TrailSigner): Promise<OpenedCheckpoint> {
  const auditKey = await openKey(files, signer)
  const bytes = await files.read('checkpoint', noteBytesMax)
  if (bytes === undefined) return await begin(files, signer, auditKey)
  try {
    const note = decodeNote(bytes)
    const { identity: { address }, origin } = signer
    const { checkpoint: { size, root } } = verifyCheckpoint(note, { auditKey, address, origin })
    return { auditKey, note, head: { size, root } }
  } catch (cause) {
    throw damagedTrail('its checkpoint is not one that this node signed', cause)
  }
}

/** The first checkpoint is there before the first tile: where there are tiles, one is missing. */
async function begin (files: DurableFiles, signer: TrailSigner, auditKey: AuditKey): Promise<OpenedCheckpoint> {
  if ((await files.list('tile')).length > 0) throw damagedTrail('its checkpoint is missing')
  const head = { size: 0, root: emptyRoot() }
  const note = await signCheckpoint(signer, head)
  await placeCheckpoint(files, note)
  return { auditKey, note, head }
}

/** It can be made again at any time: it says the same but for its time. */
async function openKey (files: DurableFiles, { origin, identity, key, clock }: TrailSigner): Promise<AuditKey> {
  const bytes = await files.read('key', auditKeyBytesMax)
  const found = bytes === undefined ? undefined : readKey(bytes)
  if (found !== undefined) return found
  const body = { origin, ed25519PublicKey: toHex(key.publicKey), time: String(Math.floor(clock() / 1000)) }
  const auditKey = await signAuditKey(body, async digest => await identity.sign(digest))
  await files.place([{ path: 'key', bytes: encodeAuditKey(auditKey) }])
  return auditKey
}

function readKey (bytes: Uint8Array): AuditKey | undefined {
  try {
    return decodeAuditKey(bytes)
  } catch {
    return undefined
  }
}
