import { UnsignedError, WrongMinerError, WrongSignerError, WrongTaskError } from '../errors.ts'
import type { ResultBundle, SignedStatement } from '../interface/bundle.ts'
import type { ExpectedResult } from '../interface/data-node.ts'
import type { Address, Digest } from '../interface/primitives.ts'
import type { Statement } from '../interface/statement.ts'
import type { TaskReference } from '../interface/task.ts'

/**
 * Checks that a result answers this task, is this miner's, and that this miner signed it. Returns that statement.
 * `others` are statements about the same root that came another way.
 *
 * @throws {@link WrongTaskError} when its manifest or the statement names another task
 * @throws {@link WrongMinerError} when its manifest names another miner
 * @throws {@link UnsignedError} when no statement was found
 * @throws {@link WrongSignerError} when only others signed it
 */
export function checkResult (
  result: ResultBundle, { task, taskId, miner }: ExpectedResult, others: readonly SignedStatement[] = []
): Statement {
  const expected = { ...task.manifest.session, taskId }
  const { manifest } = result
  if (manifest.answers !== task.cid.toString() || !sameTask(manifest.task, expected)) {
    throw new WrongTaskError(
      `${result.urn} answers task ${describe(manifest.task)} of ${manifest.answers}, not task ${describe(expected)} of ${task.cid.toString()}`,
      { expected, actual: manifest.task })
  }
  if (manifest.miner !== miner.toLowerCase()) {
    throw new WrongMinerError(`${result.urn} is the result of miner ${manifest.miner}, not of ${miner}`,
      { expected: miner, actual: manifest.miner })
  }
  return minersStatement(result, [...result.statements, ...others], expected, task.digest, miner)
}

/** True when both name the same task of the same session of the same contract on the same chain. */
export function sameTask (a: TaskReference, b: TaskReference): boolean {
  return a.chainId === b.chainId && a.queue === b.queue && a.sessionId === b.sessionId && a.taskId === b.taskId
}

function minersStatement (
  { urn, digest }: ResultBundle, statements: readonly SignedStatement[], expected: TaskReference, answers: Digest, miner: Address
): Statement {
  const about = statements.filter(({ statement }) => statement.root === digest)
  if (about.length === 0) {
    throw new UnsignedError(`nobody is known to have signed ${urn}: ask its miner, or a router that has its statement`)
  }
  const own = about.filter(({ signer }) => signer === miner.toLowerCase())
  if (own.length === 0) {
    const signers = about.map(({ signer }) => signer)
    throw new WrongSignerError(`${urn} is signed by ${signers.join(', ')}, not by ${miner}`, { expected: miner, signers })
  }
  const found = own.find(({ statement }) => statement.kind === 'result' && statement.answers === answers &&
    statement.task !== undefined && sameTask(statement.task, expected))
  if (found === undefined) {
    throw new WrongTaskError(`${miner} signed ${urn} for another task than ${describe(expected)}`, { expected })
  }
  return found.statement
}

function describe ({ chainId, queue, sessionId, taskId }: TaskReference): string {
  return `${chainId}:${queue}/${sessionId}/${taskId}`
}
