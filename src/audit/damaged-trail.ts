import { DamagedTrailError } from '../errors.ts'

/** The error for a trail that is not what its checkpoint says. `problem` completes "The audit trail is damaged: …". */
export function damagedTrail (problem: string, cause?: unknown): DamagedTrailError {
  return new DamagedTrailError(
    `The audit trail is damaged: ${problem}. Nothing is appended to it; restore its directory, or begin another log with an empty repository`,
    { cause })
}
