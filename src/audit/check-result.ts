import { checkTask } from '../bundle/check-task.ts'
import { taskReference, taskText } from '../bundle/task-reference.ts'
import { UnsignedError, WrongMinerError, WrongSignerError, WrongTaskError } from '../errors.ts'
import { checkObject, checkOptional } from '../format/argument.ts'
import { countsAs } from '../format/delegated.ts'
import { parseAddress } from '../format/hex.ts'
import { parseUint256 } from '../format/uint256.ts'
import type { ResultBundle, SignedStatement, TaskBundle } from '../interface/bundle.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { ExpectedResult } from '../interface/data-node.ts'
import type { TaskManifest } from '../interface/manifest.ts'
import type { Address, Digest } from '../interface/primitives.ts'
import type { Statement } from '../interface/statement.ts'
import type { TaskReference } from '../interface/task.ts'

/**
 * Checks what a host expects of a result, before anything is asked of anyone.
 *
 * @throws {@link InvalidArgumentError} when it could fit no result
 */
export function checkExpected (expected: unknown): asserts expected is ExpectedResult {
  checkObject(expected, 'expected')
  const { task, taskId, miner, hashOf } = expected
  checkTask(task)
  parseUint256(taskId, 'taskId')
  parseAddress(miner as Address)
  checkOptional(hashOf, 'hashOf', 'function')
}

/** What is read of a result. */
export type CheckedResult = Pick<ResultBundle, 'urn' | 'digest' | 'manifest' | 'statements'> & Partial<Pick<ResultBundle, 'delegations'>>

/** What came another way than with the result. */
export interface SaidElsewhere {
  /** About the same root. */
  statements?: readonly SignedStatement[]
  /** Of the miner's. */
  delegations?: readonly SignedDelegation[]
}

/** What it has to be, as far as that is read. */
export interface RequiredResult extends Pick<ExpectedResult, 'taskId' | 'miner'> {
  task: Pick<TaskBundle, 'cid' | 'digest'> & { manifest: Pick<TaskManifest, 'session'> }
}

/**
 * Checks that a result answers this task, is this miner's, and that this miner signed it, or a node that spoke for it by then.
 * Returns that statement.
 *
 * @throws {@link WrongTaskError} when its manifest or the statement names another task
 * @throws {@link WrongMinerError} when its manifest names another miner
 * @throws {@link UnsignedError} when no statement was found
 * @throws {@link WrongSignerError} when only others signed it
 */
export function checkResult (
  result: CheckedResult, { task, taskId, miner }: RequiredResult, others: SaidElsewhere = {}
): Statement {
  const expected = taskReference(task.manifest.session, taskId)
  const { manifest } = result
  if (manifest.answers !== task.cid.toString() || taskText(manifest.task) !== taskText(expected)) {
    throw new WrongTaskError(
      `${result.urn} answers task ${taskText(manifest.task)} of ${manifest.answers}, not task ${taskText(expected)} of ${task.cid.toString()}`,
      { expected, actual: manifest.task })
  }
  if (manifest.miner !== miner.toLowerCase()) {
    throw new WrongMinerError(`${result.urn} is the result of miner ${manifest.miner}, not of ${miner}`,
      { expected: miner, actual: manifest.miner })
  }
  return minersStatement(result, others, { expected, answers: task.digest, miner: miner.toLowerCase() as Address })
}

interface MinersTerms {
  expected: TaskReference
  /** Of the task bundle. */
  answers: Digest
  miner: Address
}

function minersStatement (
  result: CheckedResult, others: SaidElsewhere, { expected, answers, miner }: MinersTerms
): Statement {
  const { urn, digest } = result
  const statements = [...result.statements, ...others.statements ?? []]
  const delegations = [...result.delegations ?? [], ...others.delegations ?? []].filter(({ wallet }) => wallet === miner)
  const about = statements.filter(({ statement }) => statement.root === digest)
  if (about.length === 0) {
    throw new UnsignedError(`nobody is known to have signed ${urn}: ask its miner, or a router that has its statement`)
  }
  const own = about.filter(signed => countsAs(signed, miner, delegations))
  if (own.length === 0) {
    const signers = about.map(({ signer }) => signer)
    const named = delegations.some(({ delegation }) => signers.includes(delegation.node))
    const why = named ? ', whose delegation does not cover the time of the statement, or was revoked' : ''
    throw new WrongSignerError(`${urn} is signed by ${signers.join(', ')}, not by ${miner}${why}`, { expected: miner, signers })
  }
  const accepted = own.find(({ statement }) => isAbout(statement, expected, answers))
  if (accepted === undefined) {
    throw new WrongTaskError(`${miner} signed ${urn} for another task than ${taskText(expected)}`, { expected })
  }
  return accepted.statement
}

/** True when it is signed for a result of this task, whose root has this digest. */
export function isAbout ({ kind, answers, task }: Statement, expected: TaskReference, digest: Digest): boolean {
  return kind === 'result' && answers === digest && task !== undefined && taskText(task) === taskText(expected)
}
