/**
 * What this library has to do with EVM chains. It needs `viem`, which a host installs beside it.
 *
 * @example
 * ```ts
 * import { sessionQueue } from 'cortensor-datanode/evm'
 *
 * const queue = sessionQueue({ rpcUrls: ['https://rpc-1.example', 'https://rpc-2.example'], chainId: '421614', address: contract })
 * for await (const event of queue.watchTasks({ miner: node.address, types: ['assigned', 'precommit-over'], signal })) {
 *   console.log(event.type, event.task, event.removed)
 * }
 * const claims = await queue.readTaskResults(task)
 * const { verdicts } = await node.verifyResults(bundle, claims, { taskId: task.taskId, hashOf: queue.getHash })
 * ```
 *
 * @module evm
 */
export { answerTask, resumeAnswer } from './answer-task.ts'
export { easAnchor } from './eas-anchor.ts'
export { minerQueue } from './miner-queue.ts'
export { sessionQueue } from './session-queue.ts'
export { sessionQueueAbi } from './session-queue-abi.ts'
export {
  AnchorError, ChainError, DataNodeError, InvalidArgumentError, LimitExceededError, MismatchError, RevertedError, TaskOverError
} from '../errors.ts'
export type { Anchor, AnchorReceipt } from '../interface/anchor.ts'
export type { EventPlace, MinerRecord, SessionQueue, TaskEvent, TaskReader, TaskRecord, WatchTasksOptions } from '../interface/chain.ts'
export type { AnsweredTask, AnsweringNode, AnswerInit } from './answer-task.ts'
export type { ContractWriterInit } from './check-writer.ts'
export type { AnswerOnChain, MinerQueue, MinerQueueInit } from './miner-queue.ts'
export type { Receipt } from './receipt.ts'
export type { SessionQueueInit } from './session-queue.ts'
export type { ContractCall, Fees, TransactionAccount, UnsignedTransaction } from './signed-call.ts'
