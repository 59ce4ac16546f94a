import { DataNodeError, InvalidArgumentError, InvalidEvidenceError } from '../errors.ts'
import { quote } from '../format/quote.ts'
import type { EvidenceClaimCode } from '../interface/evidence.ts'

/** What does not hold when something at a path of the envelope is broken, by the longest path that it stands below. */
const claims: readonly (readonly [path: string, claim: EvidenceClaimCode])[] = [
  ['evidence/verdicts.json', 'verdict'],
  ['evidence/statements', 'result'],
  ['evidence/results', 'result'],
  ['evidence/delegations', 'result'],
  ['evidence/task', 'task'],
  ['evidence', 'evidence'],
  ['statement.json', 'statement'],
  ['proofs', 'inclusion'],
  ['audit-keys', 'inclusion'],
  ['anchors.json', 'anchor'],
  ['delegations', 'delegation']
]

/** What does not hold when what stands at a path of the envelope is broken. */
export function claimAt (path: string): EvidenceClaimCode {
  return claims.find(([above]) => path === above || path.startsWith(`${above}/`))?.[1] ?? 'envelope'
}

/** An error about what stands at a path of the envelope. */
export function invalidEvidence (path: string, message: string, details: Record<string, unknown> = {}): InvalidEvidenceError {
  return new InvalidEvidenceError(message, { claim: claimAt(path), path, ...details })
}

/** What says all already, and what is no fault of the file. */
const passed = [InvalidEvidenceError, InvalidArgumentError]

/** Makes of what this library throws in `check` an error that says which claim fell. A path may only be known by then. */
export async function checking<T> (path: string | (() => string), check: () => T | Promise<T>): Promise<T> {
  try {
    return await check()
  } catch (cause) {
    if (!(cause instanceof DataNodeError) || passed.some(of => cause instanceof of)) throw cause
    const at = typeof path === 'string' ? path : path()
    throw invalidEvidence(at, `${at === '' ? 'The envelope' : quote(at)} does not hold: ${cause.message}`, { cause })
  }
}
