import { InvalidArgumentError } from '../errors.ts'
import { checkNumber, checkObject, checkTexts } from '../format/argument.ts'
import { parseAddress } from '../format/hex.ts'
import { parseUint256 } from '../format/uint256.ts'
import { chainTimeoutMsMax, confirmationsMax, rpcEndpointsMax, rpcTimeoutMsDefault } from '../limits.ts'
import type { Address, Uint256 } from '../interface/primitives.ts'

/** Where a contract is, and who is asked about it. */
export interface ContractPlace {
  rpcUrls: readonly string[]
  chainId: Uint256
  address: Address
  confirmations: number
  timeoutMs: number
}

/** What of it a host may leave out. */
export type ContractPlaceInit = Omit<ContractPlace, 'confirmations' | 'timeoutMs'> & Partial<Pick<ContractPlace, 'confirmations' | 'timeoutMs'>>

/** @throws {@link InvalidArgumentError} when something is not of its form. Endpoints are not shown: a URL may have a key in it */
export function checkPlace (init: ContractPlaceInit, confirmationsDefault: number): ContractPlace {
  checkObject(init, 'init')
  const { rpcUrls, chainId, address, confirmations = confirmationsDefault, timeoutMs = rpcTimeoutMsDefault } = init
  checkTexts(rpcUrls, 'rpcUrls')
  checkNumber(rpcUrls.length, 'the number of rpcUrls', { min: 1, max: rpcEndpointsMax })
  const index = rpcUrls.findIndex(url => !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
  if (index !== -1) throw new InvalidArgumentError(`rpcUrls[${index}] must be a URL of http: or https:`, { argument: 'rpcUrls', index })
  checkNumber(confirmations, 'confirmations', { min: 0, max: confirmationsMax })
  checkNumber(timeoutMs, 'timeoutMs', { min: 1, max: chainTimeoutMsMax })
  return { rpcUrls: [...rpcUrls], chainId: parseUint256(chainId, 'chainId'), address: parseAddress(address), confirmations, timeoutMs }
}
