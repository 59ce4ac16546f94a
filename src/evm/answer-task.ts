/**
 * Commit–reveal on chain, so that a miner that is killed at any moment goes on where it was.
 *
 * 1. the answer is published, embargoed: it is stored and named, and served to nobody
 * 2. the hash of its URN is precommitted
 * 3. when the precommits are over the embargo ends: nobody can copy any more
 * 4. the URN is committed
 *
 * Which step is next is read from the node's own result for the task and from the contract. There is no other state: what was
 * done is not done again, and a transaction that an earlier process sent is waited for.
 */
import { InvalidArgumentError, MismatchError, TaskOverError } from '../errors.ts'
import { checkObject, checkOptions, invalidArgument } from '../format/argument.ts'
import type { ResultBundle, Readers, TaskBundle } from '../interface/bundle.ts'
import type { DataNode, ResultInit } from '../interface/data-node.ts'
import type { AbortOptions, Hex, Uint256 } from '../interface/primitives.ts'
import type { TaskReference } from '../interface/task.ts'
import type { MinerQueue } from './miner-queue.ts'
import type { Receipt } from './receipt.ts'

/** A task that is to be answered. */
export interface AnswerInit {
  task: TaskBundle
  taskId: Uint256
  /** Computes the answer. It is asked only when this node has none yet. */
  answer: (options: AbortOptions) => Promise<Omit<ResultInit, 'task' | 'taskId'>>
  /** Who may read it once it is revealed, as with `publishResult`. */
  readers?: Readers
}

/** An answer that is published, revealed and committed. */
export interface AnsweredTask {
  urn: string
  /** The contract's hash of it. */
  hash: Hex
  /** Those of the transactions that this call sent. */
  precommit?: Receipt
  commit?: Receipt
}

/** What a node has to do with it. */
export type AnsweringNode = Pick<DataNode, 'publishResult' | 'result'>

/**
 * Answers a task: computes and publishes, precommits, waits, reveals, commits. Called again, also in a later process, it goes on.
 *
 * @throws {@link TaskOverError} when the task ended before this miner had committed
 * @throws {@link MismatchError} when this miner precommitted or committed another answer to this task
 * @throws {@link RevertedError} when the contract refuses, and says why where it does: too late, too early, not assigned
 * @throws {@link ChainError} when no endpoint answers, or it takes too long: call it again
 * @throws what `answer` and `publishResult` throw
 */
export async function answerTask (node: AnsweringNode, queue: MinerQueue, init: AnswerInit,
  options: AbortOptions = {}): Promise<AnsweredTask> {
  checkOptions(options)
  checkObject(init, 'init')
  const { task, taskId, answer, readers } = init
  if (typeof (answer as unknown) !== 'function') throw invalidArgument('answer', 'a function', answer)
  const reference = checkTask({ ...task.manifest.session, taskId }, queue)
  const found = await node.result(reference)
  const result = found ?? await node.publishResult({ ...await answer(options), task, taskId },
    { reveal: 'later', ...readers !== undefined && { readers }, signal: options.signal })
  return await finish(result, queue, options)
}

/**
 * Goes on with a task that this node has an answer to, as {@link answerTask} does: after a restart, for each task that a result
 * is listed of.
 *
 * @returns undefined when this node has no answer
 */
export async function resumeAnswer (node: Pick<AnsweringNode, 'result'>, queue: MinerQueue, task: TaskReference,
  options: AbortOptions = {}): Promise<AnsweredTask | undefined> {
  checkOptions(options)
  const result = await node.result(checkTask(task, queue))
  return result && await finish(result, queue, options)
}

async function finish (result: ResultBundle, queue: MinerQueue, options: AbortOptions): Promise<AnsweredTask> {
  try {
    return await commitRevealed(result, queue, options)
  } finally {
    await result.close()
  }
}

async function commitRevealed (result: ResultBundle, queue: MinerQueue, options: AbortOptions): Promise<AnsweredTask> {
  const { urn, task } = result
  const { sessionId, taskId } = task
  const hash = await queue.getHash(urn, options)
  const before = await queue.readAnswer(sessionId, taskId, options)
  checkSame(task, before.hash, hash)
  if (before.data === undefined && before.ended) throw over(task)
  const precommit = await queue.precommit(sessionId, taskId, hash, '', options)
  // What is committed was revealed before: the window of the precommits is over.
  if (before.data === undefined) await queue.precommitOver(sessionId, taskId, options)
  const { data, ended } = await queue.readAnswer(sessionId, taskId, options)
  if (data === undefined && ended) throw over(task)
  if (!result.revealed) await result.reveal({ signal: options.signal })
  const commit = await queue.commit(sessionId, taskId, urn, options)
  return { urn, hash, ...precommit && { precommit }, ...commit && { commit } }
}

function checkTask (task: TaskReference, { id }: Pick<MinerQueue, 'id'>): TaskReference {
  checkObject(task, 'task')
  if (id === `eip155:${task.chainId}:${task.queue}`) return task
  throw new InvalidArgumentError(`The task is one of ${task.queue} on chain ${task.chainId}, and not of ${id}`, { task, id })
}

function checkSame ({ sessionId, taskId }: TaskReference, actual: Hex | undefined, expected: Hex): void {
  if (actual === undefined || actual === expected) return
  throw new MismatchError(`For task ${taskId} of session ${sessionId} ${actual} is precommitted, and the hash of this node's result is ${expected}: ` +
    'nothing is revealed, and nothing that could be committed would be accepted', { expected, actual })
}

function over ({ sessionId, taskId }: TaskReference): TaskOverError {
  return new TaskOverError(`Task ${taskId} of session ${sessionId} ended before this miner had committed: there is nothing left to do for it`,
    { sessionId, taskId })
}
