import { BaseError, decodeErrorResult, RpcRequestError } from 'viem'
import { quote } from '../format/quote.ts'
import { revertDataBytesMax, revertReasonCharactersMax } from '../limits.ts'
import type { Hex } from '../interface/primitives.ts'

/** Why a contract refused a call. */
export interface Revert {
  /** In its own words, in quotes; absent when it gave none. */
  reason?: string
  /** What it returned: the selector of an error of its own, and the arguments of that. */
  data?: Hex
}

/** JSON-RPC code of a call that the contract reverts, by most nodes; others have only words for it. */
const revertCode = 3
const words = /\brevert(?:ed)?\b/i

/** What an error of an endpoint says of a revert; undefined when it is something else. */
export function revertOf (error: unknown): Revert | undefined {
  const said = error instanceof BaseError ? error.walk(each => each instanceof RpcRequestError) : null
  if (!(said instanceof RpcRequestError)) return undefined
  if (said.code !== revertCode && !words.test(said.details)) return undefined
  const data = dataOf(said.data)
  const reason = reasonOf(data) ?? /\brevert(?:ed)?[^:]*:\s*(?:revert:\s*)?(.+)$/is.exec(said.details)?.[1]
  return { ...reason !== undefined && { reason: quote(reason, revertReasonCharactersMax) }, ...data !== undefined && { data } }
}

/** Some nodes put it into an object. */
function dataOf (data: unknown): Hex | undefined {
  const text = typeof data === 'string' ? data : (Object(data) as { data?: unknown }).data
  if (typeof text !== 'string' || text.length > 2 + 2 * revertDataBytesMax) return undefined
  return /^0x(?:[0-9a-f]{2}){4,}$/i.test(text) ? text.toLowerCase() as Hex : undefined
}

/** Of the two errors that Solidity itself has: `Error(string)` and `Panic(uint256)`. */
function reasonOf (data: Hex | undefined): string | undefined {
  if (data === undefined) return undefined
  try {
    const { errorName, args: [argument] } = decodeErrorResult({ data })
    return errorName === 'Panic' ? `panic ${String(argument)}` : String(argument)
  } catch {
    // An error of the contract's own.
    return undefined
  }
}
