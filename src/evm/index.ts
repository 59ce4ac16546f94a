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
export { sessionQueue } from './session-queue.ts'
export { sessionQueueAbi } from './session-queue-abi.ts'
export { ChainError, DataNodeError, InvalidArgumentError, LimitExceededError } from '../errors.ts'
export type { EventPlace, MinerRecord, SessionQueue, TaskEvent, TaskReader, TaskRecord, WatchTasksOptions } from '../interface/chain.ts'
export type { SessionQueueInit } from './session-queue.ts'
