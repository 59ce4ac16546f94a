/**
 * Has a contract called once, whatever happens between.
 *
 * What counts is the state of the contract, not what was sent: a call is done when the contract says so, and it is settled when
 * it said so as many blocks ago as are waited for. A transaction is sent only while the contract says that it is not done, under
 * the first nonce that is not used, and when no other one of the account waits: so no two that are sent for one call can both be
 * in the chain. One that waits too long is replaced under its own nonce. One whose block was abandoned is sent again as it is,
 * with the same hash. What an earlier process sent is found by the contract's state, or waited for as another one's that waits.
 *
 * An account does one thing after the other in this process; other programs that send for the same account are waited for, as
 * long as what they send comes into blocks.
 */
import { ChainError, RevertedError } from '../errors.ts'
import { KeyedSlots } from '../format/slots.ts'
import { untilAborted } from '../format/until-aborted.ts'
import { settleTimeoutMs, stuckTransactionMs, transactionAttemptsMax } from '../limits.ts'
import { withDeadline } from '../transfer/deadline.ts'
import { findReceipt } from './receipt.ts'
import { readNumber } from './rpc-values.ts'
import { signAgain, signCall } from './signed-call.ts'
import type { AbortOptions, Hex, Uint256 } from '../interface/primitives.ts'
import type { Chain } from './chain.ts'
import type { Attempt, Endpoints } from './endpoints.ts'
import type { Receipt } from './receipt.ts'
import type { Revert } from './revert.ts'
import type { ContractCall, SignedCall, TransactionAccount } from './signed-call.ts'

/** What a sender is made of. */
export interface TransactionSenderInit {
  endpoints: Pick<Endpoints, 'ask'>
  chain: Pick<Chain, 'head'>
  chainId: Uint256
  account: TransactionAccount
  /** Blocks above the one in which a call was done, until it is settled. */
  confirmations: number
  /** Milliseconds between two looks at the chain. */
  pollMs: number
  /** Milliseconds after which a transaction that is in no block is replaced. By default a minute. */
  stuckMs?: number
}

/** A call, and how one sees that it is done. */
export interface Errand {
  /** Completes "… is not settled". */
  what: string
  /** Makes the call: when a transaction is sent, of what is left to do then. */
  call: (at: bigint) => Promise<ContractCall>
  /** Whether the contract says at a block that it is done. */
  isDone: (at: bigint, options: AbortOptions) => Promise<boolean>
}

/** A transaction that was sent, with those that it takes the place of. */
interface Sent extends SignedCall {
  hashes: Hex[]
  at: number
}

/** Accounts that are sending, of all senders of this process. */
const turns = new KeyedSlots()

export class TransactionSender {
  readonly #init: TransactionSenderInit

  constructor (init: TransactionSenderInit) {
    this.#init = init
  }

  /**
   * Has something done, and resolves when it is settled.
   *
   * @returns the receipt of the transaction that did it, when that was sent by this call
   * @throws {@link RevertedError} when the contract refuses it
   * @throws {@link ChainError} when the account cannot pay, no endpoint answers, or it takes too long
   */
  async settle (errand: Errand, { signal }: AbortOptions = {}): Promise<Receipt | undefined> {
    const late = (): ChainError => new ChainError(`${errand.what} is not settled within ${settleTimeoutMs} ms; try again, it is not done twice`)
    return await withDeadline(settleTimeoutMs, signal ?? new AbortController().signal, late, async signal =>
      await this.#settle(errand, signal))
  }

  async #settle (errand: Errand, signal: AbortSignal): Promise<Receipt | undefined> {
    const { account, chain, chainId, confirmations } = this.#init
    let sent: Sent | undefined
    for (;;) {
      const settled = await chain.head(confirmations, { signal })
      if (await errand.isDone(settled.number, { signal })) return sent && await this.#receiptOf(sent, signal)
      const newest = await chain.head(0, { signal })
      if (await errand.isDone(newest.number, { signal })) await this.#pause(signal)
      else sent = await turns.run(`${chainId}:${account.address}`, () => this.#include(errand, sent, signal), { signal })
    }
  }

  /** Sends until it is done in the newest block. */
  async #include (errand: Errand, before: Sent | undefined, signal: AbortSignal): Promise<Sent | undefined> {
    let sent = before
    for (let attempts = 0; ;) {
      const { number } = await this.#init.chain.head(0, { signal })
      if (await errand.isDone(number, { signal })) return sent
      const { used, waiting } = await this.#nonces(signal)
      if (sent !== undefined && used > sent.nonce) {
        sent = await this.#whatBecameOf(errand, sent, signal)
      } else if (sent !== undefined) {
        sent = await this.#again(sent, signal)
      } else if (waiting === used) {
        if (++attempts > transactionAttemptsMax) throw new ChainError(`${errand.what} is not done after ${transactionAttemptsMax} transactions`)
        sent = await this.#send(errand, number, used, signal)
      }
      await this.#pause(signal)
    }
  }

  /** Undefined when it is done by now, or the nonce is another transaction's. */
  async #send (errand: Errand, at: bigint, nonce: number, signal: AbortSignal): Promise<Sent | undefined> {
    try {
      const signed = await signCall(this.#init, await errand.call(at), nonce, { signal })
      return await this.#isSent(signed, signal) ? { ...signed, hashes: [signed.hash], at: performance.now() } : undefined
    } catch (error) {
      signal.throwIfAborted()
      // A contract refuses what an earlier process sent, once that is in a block: it may have come into one since the last look.
      const { number } = await this.#init.chain.head(0, { signal })
      if (await errand.isDone(number, { signal })) return undefined
      if (error instanceof RevertedError) throw refused(errand, error)
      throw error
    }
  }

  /** The same transaction, or one in its place when it has waited too long. */
  async #again (sent: Sent, signal: AbortSignal): Promise<Sent> {
    if (performance.now() - sent.at < (this.#init.stuckMs ?? stuckTransactionMs)) {
      await this.#broadcast(sent, signal).catch(() => { /* It is known there, or is sent again with the next look. */ })
      signal.throwIfAborted()
      return sent
    }
    const signed = await signAgain(this.#init, sent, { signal })
    const isSent = await this.#isSent(signed, signal)
    return isSent ? { ...signed, hashes: [...sent.hashes, signed.hash], at: performance.now() } : sent
  }

  /** False when the nodes have another transaction of this account under its nonce. */
  async #isSent (signed: SignedCall, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#broadcast(signed, signal)
      return true
    } catch (error) {
      signal.throwIfAborted()
      if (isTaken(error)) return false
      // An endpoint that said nothing may have it all the same.
      if (isRefused(error) && !isKnown(error)) throw error
      return true
    }
  }

  async #broadcast ({ raw }: SignedCall, signal: AbortSignal): Promise<void> {
    await this.#init.endpoints.ask('a place to a transaction', async ask => await ask('eth_sendRawTransaction', [raw]), { signal })
  }

  async #nonces (signal: AbortSignal): Promise<{ used: number, waiting: number }> {
    const { address } = this.#init.account
    return await this.#init.endpoints.ask(`the nonce of ${address}`, async ask => {
      const [used, waiting] = [await ask('eth_getTransactionCount', [address, 'latest']), await ask('eth_getTransactionCount', [address, 'pending'])]
      return { used: Number(readNumber(used)), waiting: Number(readNumber(waiting)) }
    }, { signal })
  }

  /** Its nonce is used, and it is not seen to be done: undefined when another transaction has that nonce. */
  async #whatBecameOf (errand: Errand, sent: Sent, signal: AbortSignal): Promise<Sent | undefined> {
    const receipt = await this.#receiptOf(sent, signal)
    if (receipt?.succeeded !== false) return receipt && sent
    const { number } = await this.#init.chain.head(0, { signal })
    if (await errand.isDone(number, { signal })) return undefined
    throw new RevertedError(`${errand.what} was refused by the contract, in transaction ${receipt.transaction}`, { receipt })
  }

  async #receiptOf ({ hashes }: Sent, signal: AbortSignal): Promise<Receipt | undefined> {
    for (const hash of hashes) {
      const receipt = await findReceipt(this.#init.endpoints, hash, { signal })
      if (receipt !== undefined) return receipt
    }
    return undefined
  }

  async #pause (signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => { resolve(undefined) }, this.#init.pollMs)
    try {
      await untilAborted(promise, signal)
    } finally {
      clearTimeout(timer)
    }
  }
}

function refused ({ what }: Errand, cause: RevertedError): RevertedError {
  const { reason, data } = cause.details as Revert
  const said = reason ?? data ?? 'it gives no reason'
  return new RevertedError(`${what} is refused by the contract: ${said}. Nothing was sent; it stays so until the contract's state is another one`,
    { ...cause.details, cause })
}

/** The nonce has another transaction: one that pays as much, or one that is in a block by now. */
function isTaken (error: unknown): boolean {
  return /nonce too low|underpriced|replacement/i.test(String(error))
}

function isKnown (error: unknown): boolean {
  return /already (?:known|imported)/i.test(String(error))
}

function isRefused (error: unknown): boolean {
  return error instanceof ChainError && (error.details['attempts'] as Attempt[] | undefined)?.every(({ refused }) => refused) === true
}
