import { equals } from 'multiformats/bytes'
import { statementBytesMax, statementsMax } from '../limits.ts'
import type { SaidOfRoot } from '../interface/statement.ts'

/**
 * Joins what is said of one root: who says that it is restricted is believed, and each statement is kept once, so many at most,
 * those of `first` before the others.
 */
export function joinSaid (first: SaidOfRoot, second: SaidOfRoot | undefined): SaidOfRoot {
  if (second === undefined) return { ...first, statements: distinct(first.statements) }
  const access = second.access === 'restricted' ? second.access : first.access
  return { access, statements: distinct([...first.statements, ...second.statements]) }
}

function distinct (statements: readonly Uint8Array[]): Uint8Array[] {
  const kept: Uint8Array[] = []
  for (const statement of statements) {
    if (kept.length === statementsMax) break
    if (statement.length <= statementBytesMax && !kept.some(known => equals(known, statement))) kept.push(statement)
  }
  return kept
}
