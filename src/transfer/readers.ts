import { TimedOutError } from '../errors.ts'
import { describeValue } from '../format/argument.ts'
import { formatUrn } from '../format/reference.ts'
import { KeyedSlots } from '../format/slots.ts'
import { readerCallsMax, readerTimeoutMs } from '../limits.ts'
import { withDeadline } from './deadline.ts'
import type { CID } from 'multiformats/cid'
import type { ReaderPeer, ReaderRule } from '../interface/bundle.ts'
import type { Logger } from '../interface/data-node.ts'
import type { ConnectedPeer } from '../interface/network.ts'
import type { AbortOptions, Address } from '../interface/primitives.ts'
import type { MayRead } from '../interface/transfer.ts'

/** What deciding who may read needs. */
export interface ReaderComponents {
  log: Logger
  /** The wallet that a peer speaks for now; by default none does. */
  walletOf?: (peer: ConnectedPeer) => Address | undefined
  /** Milliseconds for a function to decide, by default those of `limits.ts`. */
  timeoutMs?: number
}

/** Calls of one function. */
interface RuleCalls {
  /** A peer that asks much waits for itself. */
  slots: KeyedSlots
  hasFailed: boolean
}

/**
 * Decides who is among the readers of a root, from memory. A function of the host is asked each time, within bounds, and whatever
 * comes of it but `true` is a no. One that does not answer keeps the places of its calls until it does, which is to the harm of
 * its own bundles only.
 */
export class ReaderCheck {
  readonly #log: Logger
  readonly #walletOf: (peer: ConnectedPeer) => Address | undefined
  readonly #timeoutMs: number
  readonly #calls = new WeakMap<ReaderRule, RuleCalls>()

  constructor ({ log, walletOf = () => undefined, timeoutMs = readerTimeoutMs }: ReaderComponents) {
    this.#log = log
    this.#walletOf = walletOf
    this.#timeoutMs = timeoutMs
  }

  readonly mayRead: MayRead = (root, readers, peer, options = {}) => {
    if (readers === 'anyone') return true
    const { address, peerId } = peer
    if (address === undefined) return false
    const wallet = this.#walletOf(peer)
    if (typeof readers !== 'function') return readers.includes(address) || (wallet !== undefined && readers.includes(wallet))
    return this.#ask(root, readers, { address, ...wallet === undefined ? {} : { wallet }, peerId }, options)
  }

  async #ask (root: CID, rule: ReaderRule, peer: ReaderPeer, options: AbortOptions): Promise<boolean> {
    const { signal: asking = new AbortController().signal } = options
    const calls = this.#callsOf(rule)
    const timedOut = (): Error => new TimedOutError(`it did not decide within ${this.#timeoutMs} ms`)
    try {
      const answer: unknown = await withDeadline(this.#timeoutMs, asking, timedOut, async signal =>
        await calls.slots.run(peer.peerId, async () => await rule(peer), { signal }))
      if (typeof answer === 'boolean') return answer
      throw new TypeError(`it gave ${describeValue(answer)}, which is no boolean`)
    } catch (error) {
      if (asking.aborted) return false
      if (!calls.hasFailed) this.#tell(root, peer, error)
      calls.hasFailed = true
      return false
    }
  }

  #callsOf (rule: ReaderRule): RuleCalls {
    const known = this.#calls.get(rule)
    if (known !== undefined) return known
    const calls = { slots: new KeyedSlots({ all: readerCallsMax }), hasFailed: false }
    this.#calls.set(rule, calls)
    return calls
  }

  /** Once for each function: a stranger could make it fail as often as it likes. */
  #tell (root: CID, { address }: ReaderPeer, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.#log(`readers: the function of ${formatUrn(root)} failed for ${address}, who may not read then: ${reason}; this is said once`)
  }
}
