import { statementDigest } from '../format/eip712.ts'
import { toHex } from '../format/hex.ts'
import { Turn } from '../store/turn.ts'
import type { Address } from '../interface/primitives.ts'
import type { Statement } from '../interface/statement.ts'
import type { StoredBundle } from '../interface/store.ts'
import type { Trail } from './trail.ts'

/** Statements that a node signed, of bundles that are stored. */
export function ownStatements (records: Iterable<StoredBundle>, signer: Address): Statement[] {
  const own: Statement[] = []
  for (const { statements } of records) {
    for (const signed of statements) if (signed.signer === signer) own.push(signed.statement)
  }
  return own
}

/** Digests of those statements that a trail does not have, the oldest first, as far as their own times tell. */
export async function missingDigests (trail: Pick<Trail, 'find'>, statements: readonly Statement[]): Promise<Uint8Array[]> {
  const missing = new Map<string, Uint8Array>()
  const byTime = statements.map(statement => ({ statement, time: Number(statement.time) })).sort((a, b) => a.time - b.time)
  const turn = new Turn()
  for (const { statement } of byTime) {
    const digest = statementDigest(statement)
    if (await trail.find(digest) === undefined) missing.set(toHex(digest), digest)
    // There may be many, and others have to do with this node.
    await turn.passOn()
  }
  return [...missing.values()]
}
