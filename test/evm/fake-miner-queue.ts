import { keccak256, toHex } from 'viem'
import type { AnswerOnChain, MinerQueue } from '../../src/evm/miner-queue.ts'
import type { Address, Hex } from '../../src/interface/primitives.ts'

/** A session queue contract in memory, for one miner and one task. */
export class FakeMinerQueue implements MinerQueue {
  readonly id: string
  readonly miner: Address = `0x${'5a'.repeat(20)}`
  readonly state: AnswerOnChain = { ended: false }
  /** What was called, in its order. */
  readonly calls: string[]
  /** Ends before this call is made, or when it was made and nobody has heard of it. */
  fails: { call: string, when: 'before' | 'after' } | undefined

  constructor (id: string, calls: string[] = []) {
    this.id = id
    this.calls = calls
  }

  async getHash (text: string): Promise<Hex> {
    return await Promise.resolve(keccak256(toHex(text)))
  }

  async readAnswer (): Promise<AnswerOnChain> {
    return await Promise.resolve({ ...this.state })
  }

  async ack (): Promise<undefined> {
    await this.#call('ack', () => {}, false)
  }

  async precommit (_session: string, _task: string, hash: Hex): Promise<undefined> {
    await this.#call('precommit', () => { this.state.hash ??= hash }, this.state.hash !== undefined)
  }

  async precommitOver (): Promise<void> {
    await this.#call('precommitOver', () => {}, false)
  }

  async commit (_session: string, _task: string, data: string): Promise<undefined> {
    await this.#call('commit', () => { this.state.data ??= data }, this.state.data !== undefined)
  }

  async #call (call: string, make: () => void, isDone: boolean): Promise<void> {
    await Promise.resolve()
    if (this.fails?.call === call && this.fails.when === 'before') throw new Error(`killed before ${call}`)
    if (!isDone) this.calls.push(call)
    make()
    if (this.fails?.call === call) throw new Error(`killed after ${call}`)
  }
}
