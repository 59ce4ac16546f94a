import { encodeAbiParameters, encodeEventTopics, keccak256, toHex } from 'viem'
import { sessionQueueAbi } from '../../../src/evm/session-queue-abi.ts'
import { startRpcProxy } from './rpc-proxy.ts'
import type { Address, Hex } from 'viem'
import type { Ask } from '../../../src/evm/endpoints.ts'
import type { RpcCall, RpcProxy } from './rpc-proxy.ts'

/** A log as endpoints write it. */
export interface RawLog {
  address: Address
  topics: Hex[]
  data: Hex
  blockNumber: Hex
  blockHash: Hex
  transactionHash: Hex
  logIndex: Hex
}

type EventName = Extract<(typeof sessionQueueAbi)[number], { type: 'event' }>['name']

/** The name of an event, and its arguments. */
export type FakeEvent = readonly [EventName, ...unknown[]]

/** A contract that is on no chain. */
export const contract: Address = `0x${'c0'.repeat(20)}`

/**
 * A chain of blocks and logs in memory, and an endpoint of it without a network: blocks are named by the branch that they were
 * made on, and `fork` makes another branch.
 */
export class FakeChain {
  readonly blocks: { hash: Hex, logs: RawLog[] }[] = []
  readonly asked: RpcCall[] = []
  #branch = 0

  /** Adds a block with these events of the contract. */
  add (...events: readonly FakeEvent[]): void {
    const number = this.blocks.length
    const hash = keccak256(toHex(`block ${number} of branch ${this.#branch}`))
    this.blocks.push({ hash, logs: events.map((event, index) => rawLog(event, { number, hash, index })) })
  }

  /** Abandons the last blocks. */
  fork (depth: number): void {
    this.blocks.splice(-depth)
    this.#branch++
  }

  /** Answers as an endpoint would. */
  readonly ask: Ask = (method, params) => {
    this.asked.push({ method, params: [...params] })
    return Promise.resolve(this.answer(method, params))
  }

  /** What the parts take that ask endpoints. */
  readonly endpoints = { ask: async <T> (_what: string, work: (ask: Ask) => Promise<T>): Promise<T> => await work(this.ask) }

  answer (method: string, [first]: readonly unknown[]): unknown {
    switch (method) {
      case 'eth_chainId': return '0x1'
      case 'eth_blockNumber': return toHex(this.blocks.length - 1)
      case 'eth_getBlockByNumber': return this.#block(Number(first))
      case 'eth_getLogs': {
        const { fromBlock, toBlock } = first as Record<'fromBlock' | 'toBlock', Hex>
        return this.blocks.slice(Number(fromBlock), Number(toBlock) + 1).flatMap(({ logs }) => logs)
      }
      default: throw new Error(`${method} is not built`)
    }
  }

  /** Serves it to real clients. */
  async serve (): Promise<RpcProxy> {
    const proxy = await startRpcProxy('http://127.0.0.1:1')
    proxy.answer(({ method, params }) => ({ result: this.answer(method, params) }))
    return proxy
  }

  #block (number: number): object | null {
    const block = this.blocks[number]
    return block === undefined ? null : { number: toHex(number), hash: block.hash, timestamp: toHex(1_000 + number * 10) }
  }
}

function rawLog ([eventName, ...args]: FakeEvent, { number, hash, index }: { number: number, hash: Hex, index: number }): RawLog {
  const { inputs } = sessionQueueAbi.find(({ type, name }) => type === 'event' && name === eventName)!
  return {
    address: contract,
    topics: encodeEventTopics({ abi: sessionQueueAbi, eventName }) as Hex[],
    data: encodeAbiParameters(inputs as never, args as never),
    blockNumber: toHex(number),
    blockHash: hash,
    transactionHash: keccak256(hash),
    logIndex: toHex(index)
  }
}
