import { taskReference, taskText } from '../bundle/task-reference.ts'
import { MismatchError, WrongMinerError, WrongSignerError, WrongTaskError } from '../errors.ts'
import { countsAs } from '../format/delegated.ts'
import { formatUrn } from '../format/reference.ts'
import { statementSkewMsMax } from '../limits.ts'
import { isAbout } from './check-result.ts'
import type { SignedStatement } from '../interface/bundle.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { Address } from '../interface/primitives.ts'
import type { ReadClaim } from './claim.ts'
import type { RequiredResult } from './check-result.ts'

/** What a statement that came with a claim is held against. */
export interface SaidTerms extends Pick<RequiredResult, 'task' | 'taskId'> {
  /** All who claim something in the same call. */
  miners: ReadonlySet<Address>
  /** Of the miner's, with the claim or known before. */
  delegations?: readonly SignedDelegation[]
}

/**
 * Checks the statement that came with a claim: whoever hands in one that was made for something else has not answered.
 *
 * @throws {@link WrongMinerError} when another miner of this task signed it
 * @throws {@link WrongSignerError} when anybody else did
 * @throws {@link WrongTaskError} when the miner signed it for another task, or on another chain
 * @throws {@link MismatchError} with both digests when the miner signed another root than it claims
 */
export function checkSaid (
  said: SignedStatement, { miner, cid, digest }: ReadClaim, { task, taskId, miners, delegations = [] }: SaidTerms
): void {
  const { statement, signer } = said
  const whose = `the statement that came with the claim of ${miner}`
  if (!countsAs(said, miner, delegations)) {
    if (!miners.has(signer)) {
      throw new WrongSignerError(`${whose} is signed by ${signer}`, { expected: miner, signers: [signer] })
    }
    throw new WrongMinerError(`${whose} is that of ${signer}, who claims for this task too`, { expected: miner, actual: signer })
  }
  const expected = taskReference(task.manifest.session, taskId)
  if (!isAbout(statement, expected, task.digest)) {
    throw new WrongTaskError(`${whose} is not for a result of task ${taskText(expected)}`, { expected, actual: statement.task })
  }
  if (statement.root !== digest) {
    throw new MismatchError(`${whose} is about ${statement.root}, and ${formatUrn(cid)} is claimed, which is ${digest}`,
      { expected: statement.root, actual: digest })
  }
}

/** True when a statement says that it was made later than any clock can show by now. */
export function isFromFuture ({ statement }: SignedStatement, clockMs: number): boolean {
  return BigInt(statement.time) * 1000n > BigInt(Math.floor(clockMs)) + BigInt(statementSkewMsMax)
}
