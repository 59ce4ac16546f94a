import { equals } from 'multiformats/bytes'
import { delegationBytesMax, delegationsMax, statementBytesMax, statementsMax } from '../limits.ts'
import type { SaidOfRoot } from '../interface/statement.ts'

/**
 * Joins what is said of one root: who says that it is restricted is believed, and each statement and delegation is kept once, so
 * many at most, those of `first` before the others.
 */
export function joinSaid (first: SaidOfRoot, second: SaidOfRoot | undefined): SaidOfRoot {
  const access = second?.access === 'restricted' ? second.access : first.access
  const statements = distinct([...first.statements, ...second?.statements ?? []], statementsMax, statementBytesMax)
  const delegations = distinct([...first.delegations ?? [], ...second?.delegations ?? []], delegationsMax, delegationBytesMax)
  return { access, statements, ...delegations.length === 0 ? {} : { delegations } }
}

function distinct (all: readonly Uint8Array[], max: number, bytesMax: number): Uint8Array[] {
  const kept: Uint8Array[] = []
  for (const bytes of all) {
    if (kept.length === max) break
    if (bytes.length <= bytesMax && !kept.some(known => equals(known, bytes))) kept.push(bytes)
  }
  return kept
}
