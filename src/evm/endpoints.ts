/**
 * Several endpoints of one chain, as one: each is asked until one gives an answer that can be one. An endpoint that does not
 * answer, or answers nonsense, or is of another chain, is passed over, and the one that answered last is asked first.
 *
 * What an endpoint says about the chain is its word. Two that tell different stories are not compared.
 */
import { createClient, http } from 'viem'
import { ChainError, RevertedError } from '../errors.ts'
import { untilAborted } from '../format/until-aborted.ts'
import { rpcAnswerBytesMax } from '../limits.ts'
import { withDeadline } from '../transfer/deadline.ts'
import { revertOf } from './revert.ts'
import { readNumber } from './rpc-values.ts'
import type { AbortOptions, Uint256 } from '../interface/primitives.ts'
import type { Revert } from './revert.ts'

const ofAnother = 'it is of chain'

/** Asks one endpoint. */
export type Ask = (method: string, params: readonly unknown[]) => Promise<unknown>

/** What became of asking one endpoint. */
export interface Attempt {
  /** Its host: a URL may have a key in it. */
  endpoint: string
  error: string
  /** True when it said no to what was asked, and is there. */
  refused: boolean
}

/** What endpoints are to be asked, of which chain. */
export interface EndpointsInit {
  urls: readonly string[]
  chainId: Uint256
  /** For one answer. */
  timeoutMs: number
}

/** Every endpoint is of another chain: no waiting mends that. */
class WrongChainError extends ChainError {
  override readonly retryable = false
}

interface Endpoint {
  url: string
  host: string
  /** Its chain is the right one. */
  checked: boolean
}

export class Endpoints {
  readonly #endpoints: Endpoint[]
  readonly #chainId: Uint256
  readonly #timeoutMs: number

  constructor ({ urls, chainId, timeoutMs }: EndpointsInit) {
    this.#endpoints = urls.map(url => ({ url, host: new URL(url).host, checked: false }))
    this.#chainId = chainId
    this.#timeoutMs = timeoutMs
  }

  /**
   * Does some work with the first endpoint that can do it. The work throws when an answer cannot be one.
   *
   * @param what - completes "No endpoint gave …"
   * @throws {@link RevertedError} when each of them says that the contract refuses
   * @throws {@link ChainError} when none could
   */
  async ask<T> (what: string, work: (ask: Ask) => Promise<T>, { signal }: AbortOptions = {}): Promise<T> {
    const attempts: Attempt[] = []
    const reverts: Revert[] = []
    for (const endpoint of [...this.#endpoints]) {
      try {
        const answer = await this.#attempt(endpoint, work, signal ?? new AbortController().signal)
        this.#prefer(endpoint)
        return answer
      } catch (error) {
        signal?.throwIfAborted()
        endpoint.checked = false
        attempts.push({ endpoint: endpoint.host, error: describe(error), refused: isRefusal(error) })
        reverts.push(...[revertOf(error)].filter(revert => revert !== undefined))
      }
    }
    const said = attempts.map(({ endpoint, error }) => `${endpoint}: ${error}`).join('; ')
    if (reverts.length === attempts.length) {
      throw new RevertedError(`A contract of chain ${this.#chainId} refuses to give ${what}. ${said}`, { attempts, chainId: this.#chainId, ...reverts[0] })
    }
    const Thrown = attempts.every(({ error }) => error.startsWith(ofAnother)) ? WrongChainError : ChainError
    throw new Thrown(`No endpoint of chain ${this.#chainId} gave ${what}. ${said}`, { attempts, chainId: this.#chainId })
  }

  async #attempt<T> (endpoint: Endpoint, work: (ask: Ask) => Promise<T>, signal: AbortSignal): Promise<T> {
    const late = (): Error => new Error(`no answer within ${this.#timeoutMs} ms`)
    return await withDeadline(this.#timeoutMs, signal, late, async (deadline, renew) => {
      const { request } = createClient({
        transport: http(endpoint.url, {
          retryCount: 0, timeout: 0, maxResponseBodySize: rpcAnswerBytesMax, fetchOptions: { signal: deadline, redirect: 'error' }
        })
      })
      const ask: Ask = async (method, params) => {
        const answer = await untilAborted(request({ method, params } as never), deadline)
        renew()
        return answer
      }
      if (!endpoint.checked) await this.#checkChain(ask)
      endpoint.checked = true
      return await work(ask)
    })
  }

  async #checkChain (ask: Ask): Promise<void> {
    const chainId = readNumber(await ask('eth_chainId', [])).toString()
    if (chainId !== this.#chainId) throw new Error(`${ofAnother} ${chainId}`)
  }

  #prefer (endpoint: Endpoint): void {
    const at = this.#endpoints.indexOf(endpoint)
    if (at > 0) this.#endpoints.unshift(...this.#endpoints.splice(at, 1))
  }
}

/** viem's long messages have the URL in them, and so may have a key. */
function describe (error: unknown): string {
  const { shortMessage, details, message } = Object(error) as Partial<Record<'shortMessage' | 'details' | 'message', unknown>>
  if (typeof shortMessage !== 'string') return String(message)
  return isRefusal(error) && typeof details === 'string' ? details.slice(0, 200) : shortMessage.split('\n', 1).join('')
}

/** A JSON-RPC error, or an answer that is too large: less may be asked for. viem gives other failures the code -1. */
function isRefusal (error: unknown): boolean {
  const { name, code, status } = Object(error) as { name?: unknown, code?: unknown, status?: unknown }
  return name === 'ResponseBodyTooLargeError' || (typeof code === 'number' && code !== -1) || status === 400 || status === 413
}
