import { setTimeout } from 'node:timers/promises'
import { ChainError } from '../errors.ts'
import { headLookMs, headLooksMax, logBlocksMax } from '../limits.ts'
import { readBlock, readBytes, readLogs, readNumber } from './rpc-values.ts'
import type { AbortOptions, Address, Hex } from '../interface/primitives.ts'
import type { Ask, Attempt, Endpoints } from './endpoints.ts'
import type { Block, Log } from './rpc-values.ts'

/** A call of a contract's function, at a block. */
export interface Call {
  to: Address
  data: Hex
  at: bigint
}

/** Which logs are asked for, and how they are read. */
export interface LogFilter<T> {
  address: Address
  /** The first topics of the events, in lower case. */
  events: readonly Hex[]
  /** Throws when it is nothing that the contract could have said: then another endpoint is asked. */
  decode: (log: Log) => T
}

/** What logs of some blocks say, up to `end`, which the endpoint had before it gave them. */
export interface LogRange<T> {
  end: Block
  logs: T[]
}

/** A chain, to be read block by block. */
export class Chain {
  readonly #endpoints: Pick<Endpoints, 'ask'>
  #logBlocks = logBlocksMax

  constructor (endpoints: Pick<Endpoints, 'ask'>) {
    this.#endpoints = endpoints
  }

  /** The newest block that has as many above it. A chain that has fewer gives its first one. */
  async head (confirmations: number, options: AbortOptions): Promise<Block> {
    return await this.#endpoints.ask('the newest block', async ask => {
      for (let looks = 1; ; looks++) {
        const newest = readNumber(await ask('eth_blockNumber', []))
        const number = newest > BigInt(confirmations) ? newest - BigInt(confirmations) : 0n
        const block = await askBlock(ask, number)
        if (block !== undefined) return block
        if (looks === headLooksMax) throw new Error(`it has no block ${number}, and says that there are ${newest}`)
        // It may have gone between the two questions, where the chain is being reorganised.
        await setTimeout(headLookMs, undefined, { signal: options.signal })
      }
    }, options)
  }

  /** A block of the chain as it is now; undefined when it is not that long. */
  async block (number: bigint, options: AbortOptions): Promise<Block | undefined> {
    return await this.#endpoints.ask(`block ${number}`, async ask => await askBlock(ask, number), options)
  }

  /** What a contract's function gives: read by `decode`, which throws when it is nothing that it could give. */
  async call<T> (what: string, { to, data, at }: Call, decode: (result: Hex) => T, options: AbortOptions): Promise<T> {
    return await this.#endpoints.ask(what, async ask => {
      const result = readBytes(await ask('eth_call', [{ to, data }, quantity(at)]))
      if (result === '0x') throw new Error(`there is no such contract at ${to}`)
      return decode(result)
    }, options)
  }

  /**
   * Logs from one block to another, in their order, in ranges as long as endpoints will give. A range that they refuse is halved.
   *
   * @throws {@link ChainError} when none gives the logs of even one block
   */
  async * logs<T> (filter: LogFilter<T>, from: bigint, to: bigint, options: AbortOptions): AsyncGenerator<LogRange<T>> {
    for (let next = from; next <= to;) {
      const range = await this.#logRange(filter, next, to, options)
      yield range
      next = range.end.number + 1n
    }
  }

  async #logRange<T> (filter: LogFilter<T>, from: bigint, to: bigint, options: AbortOptions): Promise<LogRange<T>> {
    for (;;) {
      const last = BigInt(Math.min(Number(to - from), this.#logBlocks - 1)) + from
      try {
        const what = `the logs of blocks ${from} to ${last}`
        const range = await this.#endpoints.ask(what, async ask => await askLogs(ask, filter, from, last), options)
        this.#logBlocks = Math.min(this.#logBlocks * 2, logBlocksMax)
        return range
      } catch (error) {
        // Also when nobody answered, for the next time: it may have been too much.
        this.#logBlocks = Math.max(Math.floor(Number(last - from + 1n) / 2), 1)
        if (last === from || !isRefused(error)) throw error
      }
    }
  }
}

async function askBlock (ask: Ask, number: bigint): Promise<Block | undefined> {
  const block = readBlock(await ask('eth_getBlockByNumber', [quantity(number), false]))
  if (block !== undefined && block.number !== number) throw new Error(`asked for block ${number}, it gave ${block.number}`)
  return block
}

async function askLogs<T> (ask: Ask, { address, events, decode }: LogFilter<T>, from: bigint, to: bigint): Promise<LogRange<T>> {
  const end = await askBlock(ask, to)
  // Some say that there are no logs in blocks that they do not have yet.
  if (end === undefined) throw new Error(`it has no block ${to}`)
  const logs = readLogs(await ask('eth_getLogs', [{ address, topics: [events], fromBlock: quantity(from), toBlock: quantity(to) }]))
  for (const [index, log] of logs.entries()) {
    const before = logs[index - 1]
    const inOrder = before === undefined || before.blockNumber < log.blockNumber ||
      (before.blockNumber === log.blockNumber && before.logIndex < log.logIndex && before.blockHash === log.blockHash)
    const asked = log.address === address && log.blockNumber >= from && log.blockNumber <= to && events.includes(log.topics[0] ?? '0x')
    if (!inOrder || !asked) throw new Error('it gave logs that were not asked for, or not in their order')
  }
  return { end, logs: logs.map(decode) }
}

function isRefused (error: unknown): boolean {
  return error instanceof ChainError && (error.details['attempts'] as Attempt[]).some(({ refused }) => refused)
}

function quantity (value: bigint): Hex {
  return `0x${value.toString(16)}`
}
