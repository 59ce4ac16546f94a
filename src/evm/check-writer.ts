import { checkNumber, checkObject, invalidArgument } from '../format/argument.ts'
import { parseAddress } from '../format/hex.ts'
import { chainPollMsDefault, chainTimeoutMsMax } from '../limits.ts'
import { Chain } from './chain.ts'
import { checkPlace } from './check-place.ts'
import { Endpoints } from './endpoints.ts'
import type { Address, Uint256 } from '../interface/primitives.ts'
import type { TransactionAccount } from './signed-call.ts'

/** Which contract is written to, by whom, and who is asked to. */
export interface ContractWriterInit {
  /** JSON-RPC endpoints of the chain, `http:` or `https:`, in the order in which they are asked: at most 8. */
  rpcUrls: readonly string[]
  /** Each endpoint is asked for it. */
  chainId: Uint256
  /** Of the contract. */
  address: Address
  /**
   * Who signs and pays: an account of viem. A program of its own that sends for the same account is waited for; an account that
   * nothing else uses never waits.
   */
  account?: TransactionAccount
  /** Blocks that have to be above one before it counts, 0 to 300. */
  confirmations?: number
  /** Milliseconds for one answer of one endpoint, by default 10,000. */
  timeoutMs?: number
  /** Milliseconds between two looks at the chain, by default 2,000. */
  pollMs?: number
}

/** What both writers need. */
export interface CheckedWriter {
  chainId: Uint256
  address: Address
  account: TransactionAccount | undefined
  confirmations: number
  pollMs: number
  endpoints: Endpoints
  chain: Chain
  /** The chain as each endpoint by itself tells it. */
  each: readonly Chain[]
}

/** @throws {@link InvalidArgumentError} when something is not of its form */
export function checkWriter (init: ContractWriterInit, confirmationsDefault: number): CheckedWriter {
  const { rpcUrls, chainId, address, confirmations, timeoutMs } = checkPlace(init, confirmationsDefault)
  const { account, pollMs = chainPollMsDefault } = init
  checkNumber(pollMs, 'pollMs', { min: 1, max: chainTimeoutMsMax })
  if (account !== undefined) checkAccount(account)
  const chainOf = (urls: readonly string[]): Endpoints => new Endpoints({ urls, chainId, timeoutMs })
  const endpoints = chainOf(rpcUrls)
  return {
    chainId,
    address,
    account,
    confirmations,
    pollMs,
    endpoints,
    chain: new Chain(endpoints),
    each: rpcUrls.map(url => new Chain(chainOf([url])))
  }
}

function checkAccount (account: TransactionAccount): void {
  const given: unknown = account
  checkObject(given, 'account')
  parseAddress(account.address)
  if (typeof given['signTransaction'] !== 'function') throw invalidArgument('account.signTransaction', 'a function', given['signTransaction'])
}
