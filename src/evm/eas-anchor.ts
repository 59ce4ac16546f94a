/**
 * An anchor on an EVM chain: the contract of the Ethereum Attestation Service, which keeps for 32 bytes the time of the block in
 * which somebody gave them first, and never changes it. It needs no schema, no deposit and no permission.
 *
 * Nothing is remembered here. Whether a digest is anchored is what the contract says so many blocks below the newest one as are
 * waited for, and the receipt is read from the chain, wherever it came from. Where there are several endpoints, all that answer
 * have to have the same block with the same event.
 */
import { encodeFunctionData } from 'viem'
import { AnchorError, ChainError } from '../errors.ts'
import { checkOptions, invalidArgument } from '../format/argument.ts'
import { isHex } from '../format/hex.ts'
import { anchorConfirmationsDefault, anchoredAtOnceMax } from '../limits.ts'
import { checkWriter } from './check-writer.ts'
import { easAbi } from './eas-abi.ts'
import { findTimestamp, timeOf } from './find-timestamp.ts'
import { findReceipt } from './receipt.ts'
import { TransactionSender } from './transaction-sender.ts'
import type { Anchor, AnchorReceipt } from '../interface/anchor.ts'
import type { AbortOptions, Digest } from '../interface/primitives.ts'
import type { Chain } from './chain.ts'
import type { CheckedWriter, ContractWriterInit } from './check-writer.ts'
import type { FoundTimestamp } from './find-timestamp.ts'
import type { ContractCall } from './signed-call.ts'

/**
 * An anchor in EAS's contract. It asks nobody before it is asked, and reads without an account.
 *
 * @param init - by default a receipt counts when 12 blocks are above its own
 * @throws {@link InvalidArgumentError} when something is not of its form
 */
export function easAnchor (init: ContractWriterInit): Anchor {
  return new EasAnchor(checkWriter(init, anchorConfirmationsDefault))
}

class EasAnchor implements Anchor {
  readonly id: string
  readonly #init: CheckedWriter
  readonly #sender: TransactionSender | undefined

  constructor (init: CheckedWriter) {
    this.id = `eip155:${init.chainId}:${init.address}`
    this.#init = init
    this.#sender = init.account && new TransactionSender({ ...init, account: init.account })
  }

  async write (digests: readonly Digest[], options: AbortOptions = {}): Promise<AnchorReceipt[]> {
    checkOptions(options)
    checkDigests(digests)
    const sender = this.#sender
    if (sender === undefined) throw invalidArgument('account', 'given to easAnchor(), so that it can write', undefined)
    return await this.#orAnchorError(options, async () => {
      await sender.settle({
        what: `the timestamp of ${digests.join(', ')}`,
        isDone: async (at, options) => (await this.#missing(digests, at, options)).length === 0,
        call: async at => this.#call(await this.#missing(digests, at, options))
      }, options)
      return await Promise.all(digests.map(async digest => {
        const receipt = await this.#find(digest, options)
        if (receipt === undefined) throw new ChainError(`the timestamp of ${digest} was there, and is not any more: blocks were abandoned`)
        return receipt
      }))
    })
  }

  async read (digest: Digest, options: AbortOptions = {}): Promise<AnchorReceipt | undefined> {
    checkOptions(options)
    checkDigests([digest])
    return await this.#orAnchorError(options, async () => await this.#find(digest, options))
  }

  /** Those that have no time at a block, each once. */
  async #missing (digests: readonly Digest[], at: bigint, options: AbortOptions): Promise<Digest[]> {
    const { address, chain } = this.#init
    const each = [...new Set(digests)]
    const times = await Promise.all(each.map(async digest => await timeOf(chain, address, digest, at, options)))
    return each.filter((_, index) => times[index] === 0n)
  }

  #call (digests: readonly Digest[]): ContractCall {
    const [only] = digests
    const data = digests.length === 1 && only !== undefined
      ? encodeFunctionData({ abi: easAbi, functionName: 'timestamp', args: [only] })
      : encodeFunctionData({ abi: easAbi, functionName: 'multiTimestamp', args: [digests] })
    return { to: this.#init.address, data }
  }

  async #find (digest: Digest, options: AbortOptions): Promise<AnchorReceipt | undefined> {
    const { address, chain, confirmations, endpoints } = this.#init
    const { number: to } = await chain.head(confirmations, options)
    const time = await timeOf(chain, address, digest, to, options)
    if (time === 0n) return undefined
    const { block, transaction } = await findTimestamp(chain, address, { digest, time, to }, options)
    await this.#checkEach(digest, { block, transaction }, options)
    const receipt = await findReceipt(endpoints, transaction, options)
    if (receipt?.blockHash !== block.hash) throw new ChainError(`transaction ${transaction} is not in block ${block.hash}, where its event is`)
    return {
      digest,
      anchor: this.id,
      blockNumber: block.number.toString(),
      blockHash: block.hash,
      time: block.time.toString(),
      transaction,
      gasUsed: receipt.gasUsed
    }
  }

  /** An endpoint that does not answer is left at that; one that tells another story is not. */
  async #checkEach (digest: Digest, found: FoundTimestamp, options: AbortOptions): Promise<void> {
    const { chainId, each } = this.#init
    if (each.length === 1) return
    const agree = await Promise.all(each.map(async chain => await this.#agrees(chain, digest, found, options)))
    if (!agree.includes(false)) return
    const { number } = found.block
    throw new ChainError(`The endpoints of chain ${chainId} do not agree on block ${number}, which is said to have ${digest}; ask others`,
      { digest, blockNumber: number.toString() })
  }

  async #agrees (chain: Chain, digest: Digest, { block, transaction }: FoundTimestamp, options: AbortOptions): Promise<boolean> {
    try {
      const known = await chain.block(block.number, options)
      if (known?.hash !== block.hash) return false
      const at = { digest, time: block.time, to: block.number }
      return (await findTimestamp(chain, this.#init.address, at, options)).transaction === transaction
    } catch (error) {
      options.signal?.throwIfAborted()
      if (!(error instanceof ChainError)) throw error
      return 'attempts' in error.details
    }
  }

  async #orAnchorError<T> ({ signal }: AbortOptions, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof ChainError)) throw error
      throw new AnchorError(error.message, { ...error.details, cause: error })
    }
  }
}

function checkDigests (digests: unknown): asserts digests is readonly Digest[] {
  if (!Array.isArray(digests) || digests.length === 0 || digests.length > anchoredAtOnceMax) {
    throw invalidArgument('digests', `an array of 1 to ${anchoredAtOnceMax}`, digests)
  }
  for (const digest of digests as unknown[]) if (!isHex(digest, 32)) throw invalidArgument('a digest', '32 bytes in lower-case hexadecimal', digest)
}
