import { signAuditKey } from '../../src/format/audit-key.ts'
import { encodeCheckpoint } from '../../src/format/checkpoint.ts'
import { toHex } from '../../src/format/hex.ts'
import { signNote } from '../../src/format/signed-note.ts'
import { GrowingTree } from '../../src/merkle/growing-tree.ts'
import { proveConsistency } from '../../src/merkle/consistency.ts'
import { numberedLog } from '../merkle/trees.ts'
import { signerOf } from './trails.ts'
import type { SeenCheckpoint } from '../../src/format/seen-checkpoint.ts'
import type { TreeHead } from '../../src/interface/merkle.ts'
import type { TrailSigner } from '../../src/audit/trail-checkpoint.ts'

/** A tree of these entries. */
export function headOfEntries (entries: readonly Uint8Array[]): TreeHead {
  const tree = new GrowingTree()
  for (const entry of entries) tree.append(entry)
  return { size: tree.size, root: tree.root }
}

/** What a node signs of a tree, as others see it. */
export async function seenOf (head: TreeHead, signer: TrailSigner = signerOf()): Promise<SeenCheckpoint> {
  const { origin, key, identity } = signer
  const body = { origin, ed25519PublicKey: toHex(key.publicKey), time: '1700000000' }
  const auditKey = await signAuditKey(body, async digest => await identity.sign(digest))
  const text = encodeCheckpoint({ origin, ...head, extensions: [] })
  return { auditKey, note: await signNote(text, { name: origin, publicKey: key.publicKey }, async message => await key.sign(message)) }
}

const log = numberedLog(300)

/** The tree of the first entries of a log that is always the same. */
export function headAt (size: number): TreeHead {
  const head = log.trees[size]
  if (head === undefined) throw new RangeError(`There is no tree of ${size}`)
  return head
}

/** A tree of as many entries, and another one. */
export function otherHead (size: number): TreeHead {
  return { size, root: new Uint8Array(32).fill(size % 256) }
}

/** That one of these trees continues another one. */
export async function proofBetween (earlier: number, later: number): Promise<Uint8Array[]> {
  return await proveConsistency(earlier, later, log)
}
