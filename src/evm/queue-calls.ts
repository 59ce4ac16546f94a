import { decodeFunctionResult, encodeFunctionData } from 'viem'
import { sessionQueueAbi as abi } from './session-queue-abi.ts'
import type { AbortOptions, Address, Hex } from '../interface/primitives.ts'
import type { NetworkSession, TaskReference } from '../interface/task.ts'
import type { Call, Chain } from './chain.ts'

/** A task as the contract keeps it. */
export interface StoredTask {
  data: string
  ended: boolean
  /** Seconds since 1970; 0 when there is no such task. */
  createdAt: bigint
  /** 0 until it has ended. */
  finishedAt: bigint
}

/** What one miner has answered. */
export interface StoredAnswer {
  miner: Address
  /** Empty until it has committed. */
  data: string
  /** Of the precommit; zero before it. */
  hash: Hex
}

/** The view functions of a session queue contract, each at a block. */
export class QueueCalls {
  readonly #chain: Pick<Chain, 'call'>
  readonly #address: Address

  constructor (chain: Pick<Chain, 'call'>, address: Address) {
    this.#chain = chain
    this.#address = address
  }

  /** The getter that Solidity makes of the contract's own mapping: no list of tasks, which grows with a session, is asked for. */
  async task ({ sessionId, taskId }: TaskReference, at: bigint, options: AbortOptions): Promise<StoredTask> {
    const functionName = 'sessionTasks'
    const data = encodeFunctionData({ abi, functionName, args: [BigInt(sessionId), BigInt(taskId)] })
    return await this.#chain.call(`task ${taskId} of session ${sessionId}`, this.#to(data, at), result => {
      const stored = decodeFunctionResult({ abi, functionName, data: result })
      const [id, , session, taskData, ended, , createdAt, , , finishedAt] = stored
      const isOther = id !== BigInt(taskId) || session !== BigInt(sessionId)
      if (createdAt !== 0n && isOther) throw new Error(`it gave task ${id} of session ${session}`)
      return { data: taskData, ended, createdAt, finishedAt }
    }, options)
  }

  async answers ({ sessionId, taskId }: TaskReference, at: bigint, options: AbortOptions): Promise<StoredAnswer[]> {
    const functionName = 'getTaskResultsAndHashes'
    const data = encodeFunctionData({ abi, functionName, args: [BigInt(sessionId), BigInt(taskId)] })
    return await this.#chain.call(`the results of task ${taskId} of session ${sessionId}`, this.#to(data, at), result => {
      const [miners, results, hashes] = decodeFunctionResult({ abi, functionName, data: result })
      if (results.length !== miners.length || hashes.length !== miners.length) {
        throw new Error('it gave not as many results and hashes as miners')
      }
      return miners.map((miner, index) =>
        ({ miner: miner.toLowerCase() as Address, data: results[index] ?? '', hash: hashes[index] ?? '0x' }))
    }, options)
  }

  async taskCount ({ sessionId }: NetworkSession, at: bigint, options: AbortOptions): Promise<bigint> {
    const functionName = 'getTaskCountBySessionId'
    const data = encodeFunctionData({ abi, functionName, args: [BigInt(sessionId)] })
    return await this.#chain.call(`the number of tasks of session ${sessionId}`, this.#to(data, at),
      result => decodeFunctionResult({ abi, functionName, data: result }), options)
  }

  async hash (text: string, at: bigint, options: AbortOptions): Promise<Hex> {
    const functionName = 'getHash'
    const data = encodeFunctionData({ abi, functionName, args: [text] })
    return await this.#chain.call('the hash of a text', this.#to(data, at),
      result => decodeFunctionResult({ abi, functionName, data: result }), options)
  }

  #to (data: Hex, at: bigint): Call {
    return { to: this.#address, data, at }
  }
}
