import { encodeFunctionData, zeroHash } from 'viem'
import { ChainError, MismatchError } from '../errors.ts'
import { checkOptions, invalidArgument } from '../format/argument.ts'
import { isHex } from '../format/hex.ts'
import { parseUint256 } from '../format/uint256.ts'
import { answerConfirmationsDefault, precommitWindowTimeoutMs } from '../limits.ts'
import { withDeadline } from '../transfer/deadline.ts'
import { checkWriter } from './check-writer.ts'
import { findBlock } from './find-block.ts'
import { isAcked } from './is-acked.ts'
import { QueueCalls } from './queue-calls.ts'
import { sessionQueue } from './session-queue.ts'
import { sessionQueueAbi } from './session-queue-abi.ts'
import { TransactionSender } from './transaction-sender.ts'
import type { SessionQueue } from '../interface/chain.ts'
import type { AbortOptions, Address, Hex, Uint256 } from '../interface/primitives.ts'
import type { TaskReference } from '../interface/task.ts'
import type { CheckedWriter, ContractWriterInit } from './check-writer.ts'
import type { Receipt } from './receipt.ts'
import type { TransactionAccount } from './signed-call.ts'

/** Where a session queue contract is, and who answers tasks there. */
export interface MinerQueueInit extends ContractWriterInit {
  /** That of the miner. */
  account: TransactionAccount
}

/** What a contract has of one miner's answer to a task. */
export interface AnswerOnChain {
  /** Of the precommit. */
  hash?: Hex
  /** What was committed. */
  data?: string
  /** True when the task takes nothing any more. */
  ended: boolean
}

/**
 * The session queue contract as one miner writes to it. Every call is made once, whoever makes it how often, and resolves when it
 * counts: to the receipt of its transaction, or to undefined when an earlier call, also one of an earlier process, had sent that.
 *
 * Each throws a {@link RevertedError} when the contract refuses, and a {@link ChainError} when no endpoint answers, or it takes
 * too long.
 */
export interface MinerQueue {
  /** `eip155:<chain id>:<contract>` (CAIP-10). */
  readonly id: string
  readonly miner: Address
  /** What the contract makes of a text. */
  getHash(text: string, options?: AbortOptions): Promise<Hex>
  /** What this miner has answered, as the newest block has it. */
  readAnswer(sessionId: Uint256, taskId: Uint256, options?: AbortOptions): Promise<AnswerOnChain>
  /** Says that this miner works on the task: so it is assigned, and has not ended. */
  ack(sessionId: Uint256, taskId: Uint256, options?: AbortOptions): Promise<Receipt | undefined>
  /** @throws {@link MismatchError} when this miner precommitted something else before */
  precommit(sessionId: Uint256, taskId: Uint256, hash: Hex, data?: string, options?: AbortOptions): Promise<Receipt | undefined>
  /** Resolves when all miners of the task have precommitted, or the contract waits for no more of them. */
  precommitOver(sessionId: Uint256, taskId: Uint256, options?: AbortOptions): Promise<void>
  /** @throws {@link MismatchError} when this miner committed something else before */
  commit(sessionId: Uint256, taskId: Uint256, data: string, options?: AbortOptions): Promise<Receipt | undefined>
}

/**
 * A session queue contract for one miner. It asks nobody before it is asked.
 *
 * @param init - by default what it wrote counts when one block is above it
 * @throws {@link InvalidArgumentError} when something is not of its form
 */
export function minerQueue (init: MinerQueueInit): MinerQueue {
  const checked = checkWriter(init, answerConfirmationsDefault)
  if (checked.account === undefined) throw invalidArgument('account', 'that of the miner', undefined)
  return new EvmMinerQueue(checked, checked.account, sessionQueue({ ...init, confirmations: checked.confirmations }))
}

class EvmMinerQueue implements MinerQueue {
  readonly id: string
  readonly miner: Address
  readonly #init: CheckedWriter
  readonly #reader: Pick<SessionQueue, 'getHash' | 'watchTasks'>
  readonly #calls: QueueCalls
  readonly #sender: TransactionSender

  constructor (init: CheckedWriter, account: TransactionAccount, reader: SessionQueue) {
    this.id = reader.id
    this.miner = account.address.toLowerCase() as Address
    this.#init = init
    this.#reader = reader
    this.#calls = new QueueCalls(init.chain, init.address)
    this.#sender = new TransactionSender({ ...init, account })
  }

  async getHash (text: string, options: AbortOptions = {}): Promise<Hex> {
    return await this.#reader.getHash(text, options)
  }

  async readAnswer (sessionId: Uint256, taskId: Uint256, options: AbortOptions = {}): Promise<AnswerOnChain> {
    const task = this.#check(sessionId, taskId, options)
    const { number } = await this.#init.chain.head(0, options)
    const [answer, { ended }] = await Promise.all([this.#answer(task, number, options), this.#calls.task(task, number, options)])
    return { ...answer, ended }
  }

  async ack (sessionId: Uint256, taskId: Uint256, options: AbortOptions = {}): Promise<Receipt | undefined> {
    const task = this.#check(sessionId, taskId, options)
    const data = encodeFunctionData({ abi: sessionQueueAbi, functionName: 'ack', args: [BigInt(sessionId), BigInt(taskId)] })
    let from: bigint | undefined
    return await this.#sender.settle({
      what: `the acknowledgement of task ${taskId} of session ${sessionId}`,
      call: async () => await Promise.resolve({ to: this.#init.address, data }),
      isDone: async (to, options) => {
        from ??= await this.#madeIn(task, to, options)
        return await isAcked(this.#init.chain, { task, miner: this.miner, from, to }, options)
      }
    }, options)
  }

  async precommit (sessionId: Uint256, taskId: Uint256, hash: Hex, data = '', options: AbortOptions = {}): Promise<Receipt | undefined> {
    const task = this.#check(sessionId, taskId, options)
    if (!isHex(hash, 32)) throw invalidArgument('hash', '32 bytes in lower-case hexadecimal', hash)
    const call = encodeFunctionData({
      abi: sessionQueueAbi, functionName: 'precommit', args: [BigInt(sessionId), BigInt(taskId), hash, data]
    })
    return await this.#settle('precommit', task, call, { field: 'hash', expected: hash }, options)
  }

  async commit (sessionId: Uint256, taskId: Uint256, data: string, options: AbortOptions = {}): Promise<Receipt | undefined> {
    const task = this.#check(sessionId, taskId, options)
    if (typeof (data as unknown) !== 'string' || data === '') throw invalidArgument('data', 'text', data)
    const call = encodeFunctionData({ abi: sessionQueueAbi, functionName: 'commit', args: [BigInt(sessionId), BigInt(taskId), data] })
    return await this.#settle('commit', task, call, { field: 'data', expected: data }, options)
  }

  async precommitOver (sessionId: Uint256, taskId: Uint256, options: AbortOptions = {}): Promise<void> {
    const task = this.#check(sessionId, taskId, options)
    const late = (): ChainError =>
      new ChainError(`The precommits of task ${taskId} of session ${sessionId} are not over within ${precommitWindowTimeoutMs} ms; ask again`)
    await withDeadline(precommitWindowTimeoutMs, options.signal ?? new AbortController().signal, late, async signal => {
      await this.#over(task, signal)
    })
  }

  /** Events are looked for from the block on in which the task was made. */
  async #over (task: TaskReference, signal: AbortSignal): Promise<void> {
    const { chain, confirmations, pollMs } = this.#init
    const { number } = await chain.head(confirmations, { signal })
    const fromBlock = await this.#madeIn(task, number, { signal })
    const types = ['all-precommitted', 'precommit-over', 'ended'] as const
    const { sessionId } = task
    const events = this.#reader.watchTasks({ sessionId, types, fromBlock: fromBlock.toString(), pollMs, signal })
    for await (const event of events) if (event.task.taskId === task.taskId && !event.removed) return
  }

  /** The block in which a task was made, which is none after `at`. */
  async #madeIn (task: TaskReference, at: bigint, options: AbortOptions): Promise<bigint> {
    const { createdAt } = await this.#calls.task(task, at, options)
    return createdAt === 0n ? at : await findBlock(this.#init.chain, createdAt, 0n, at, options)
  }

  async #settle (what: string, task: TaskReference, data: Hex, { field, expected }: { field: 'data' | 'hash', expected: string },
    options: AbortOptions): Promise<Receipt | undefined> {
    const of = `the ${what} of task ${task.taskId} of session ${task.sessionId}`
    let actual: string | undefined
    const receipt = await this.#sender.settle({
      what: of,
      call: async () => await Promise.resolve({ to: this.#init.address, data }),
      isDone: async (at, options) => {
        actual = (await this.#answer(task, at, options))[field]
        return actual !== undefined
      }
    }, options)
    if (actual === expected) return receipt
    throw new MismatchError(`${of} by ${this.miner} is ${String(actual)}, and not ${expected}: it was made before, and stays`, { expected, actual })
  }

  async #answer (task: TaskReference, at: bigint, options: AbortOptions): Promise<Pick<AnswerOnChain, 'data' | 'hash'>> {
    const answer = (await this.#calls.answers(task, at, options)).find(({ miner }) => miner === this.miner)
    const { hash = zeroHash, data = '' } = answer ?? {}
    return { ...hash !== zeroHash && { hash }, ...data !== '' && { data } }
  }

  #check (sessionId: Uint256, taskId: Uint256, options: AbortOptions): TaskReference {
    checkOptions(options)
    const { address: queue, chainId } = this.#init
    return { chainId, queue, sessionId: parseUint256(sessionId, 'sessionId'), taskId: parseUint256(taskId, 'taskId') }
  }
}
