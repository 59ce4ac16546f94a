import { createHash } from 'node:crypto'
import { auditKeyLabel } from '../../src/format/audit-key.ts'
import { formatAuditOrigin } from '../../src/format/audit-origin.ts'
import { decodeCheckpoint } from '../../src/format/checkpoint.ts'
import { signStatement } from '../../src/format/statement.ts'
import { verifyCheckpoint } from '../../src/format/verify-checkpoint.ts'
import { openTrail } from '../../src/audit/trail.ts'
import { identityOf } from '../network/support.ts'
import { memoryFiles } from './memory-files.ts'
import type { SignedNote } from '../../src/format/signed-note.ts'
import type { TreeHead } from '../../src/interface/merkle.ts'
import type { Statement } from '../../src/interface/statement.ts'
import type { DurableFiles } from '../../src/interface/store.ts'
import type { Trail } from '../../src/audit/trail.ts'
import type { TrailSigner } from '../../src/audit/trail-checkpoint.ts'

/** Who signs the trail of the node with key n. */
export function signerOf (n = 1): TrailSigner {
  const identity = identityOf(n)
  const origin = formatAuditOrigin({ address: identity.address, repositoryId: '00'.repeat(16) })
  return { origin, identity, key: identity.deriveSigner(auditKeyLabel), clock: () => 1_700_000_000_000 }
}

const signer = signerOf()

/** Opens the trail of one node. */
export async function openOn (files: DurableFiles = memoryFiles(), log: (line: string) => void = () => {}): Promise<Trail> {
  return await openTrail({ files, signer, log })
}

/** Entries from an index on. */
export function numbered (count: number, from = 0): Uint8Array[] {
  return Array.from({ length: count }, (_, at) => new Uint8Array(createHash('sha256').update(`entry ${from + at}`).digest()))
}

/** The tree that a checkpoint commits to, when it is signed rightly. */
export function headOf ({ auditKey }: Pick<Trail, 'auditKey'>, note: SignedNote): TreeHead {
  verifyCheckpoint(note, { auditKey, address: signer.identity.address, origin: signer.origin })
  const { size, root } = decodeCheckpoint(note.text)
  return { size, root }
}

export async function all<T> (items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

/** Signed words of the node about roots of their own. */
export async function statementOf (n: number): Promise<Statement> {
  const root = `0x${n.toString(16).padStart(64, '0')}` as const
  const zero = `0x${'00'.repeat(32)}` as const
  return await signStatement({ kind: 'note', root, answers: zero, access: 'anyone', salt: zero, time: String(n) }, async digest => await signer.identity.sign(digest))
}
