import { WrongDelegationError } from '../errors.ts'
import { readDelegation } from '../format/delegation.ts'
import { delegationSkewMsMax } from '../limits.ts'
import type { Delegation, SignedDelegation } from '../interface/delegation.ts'
import type { Address } from '../interface/primitives.ts'

/** Whom a delegation has to let speak, and when. */
export interface OwnDelegationTerms {
  /** Address of this node. */
  node: Address
  /** The remote signer's, where there is one: a wallet that signs itself admits this node as its reader only. */
  signer: Address | undefined
  /** Milliseconds since 1970. */
  now: number
}

/**
 * Reads the delegation that a host gives to its node.
 *
 * @throws {@link InvalidDelegationError}, {@link NewerFormatError}, {@link LimitExceededError} when it is none
 * @throws {@link WrongDelegationError} when it does not let this node speak now
 */
export function readOwnDelegation (value: Delegation | Uint8Array | string, terms: OwnDelegationTerms): SignedDelegation {
  const signed = readDelegation(value)
  const problem = problemOf(signed, terms)
  if (problem === undefined) return signed
  const { delegation: { node, until, time }, wallet } = signed
  throw new WrongDelegationError(`The delegation of ${wallet} ${problem}`, { wallet, node, until, time })
}

/** Milliseconds since 1970 when a delegation is over. */
export function endOf ({ delegation: { until } }: SignedDelegation): number {
  return (Number(until) + 1) * 1000
}

function problemOf (signed: SignedDelegation, { node, signer, now }: OwnDelegationTerms): string | undefined {
  const { delegation, wallet } = signed
  if (delegation.node !== node) return `names node ${delegation.node}, and this one is ${node}: have the wallet sign one for this node`
  if (signer !== undefined && wallet !== signer) return `is not one of the remote signer, ${signer}: leave out either of them`
  if (endOf(signed) <= now || BigInt(delegation.until) < BigInt(delegation.time)) {
    return `is over since ${sayTime(delegation.until)}: have the wallet sign another one`
  }
  if (Number(delegation.time) * 1000 > now + delegationSkewMsMax) {
    return `begins at ${sayTime(delegation.time)}, which is later than this node's clock shows: check both clocks`
  }
  return undefined
}

/** A date where the number is one. */
export function sayTime (seconds: string): string {
  const date = new Date(Number(seconds) * 1000)
  return Number.isNaN(date.getTime()) ? `${seconds} s after 1970` : date.toISOString()
}
