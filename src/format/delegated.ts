/**
 * What a node says in the name of a wallet, and when that counts.
 *
 * A delegation `d` of a wallet counts for its node at a time `t` when `d.time ≤ t ≤ d.until`, and no later delegation of the same
 * wallet takes that back. Of two delegations of a wallet the later one has the greater `time`; of the same time, the smaller
 * `until`. A later one `l` takes back
 *
 * - whatever was given for `l.time` and after: a wallet has one node at a time, and for how long is said by its last word;
 * - what was given to the same node for after `l.until`, however long ago: when a node's key was stolen some time before that was
 *   found out, an `until` in the past takes back what was stated since.
 *
 * So a renewal is a delegation to the same node with a later `until`; a move is one to another node; a revocation names the node
 * with `until` equal to its `time`, or to the last second for which the node is believed: with `until` 0 nothing is left but that
 * second. What was stated before a renewal or a move goes on to count.
 *
 * The time of a statement is what its signer claims. Whoever has a node's key can sign with an earlier time; that a statement
 * existed by then, only a witnessed or anchored trail shows.
 */
import type { SignedStatement } from '../interface/bundle.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { Address, Uint256 } from '../interface/primitives.ts'

/**
 * The delegation by which a node speaks for a wallet at a time; undefined when none of these says so.
 *
 * @param time - seconds since 1970
 */
export function delegationAt (
  delegations: readonly SignedDelegation[], { wallet, node, time }: { wallet: Address, node: Address, time: Uint256 }
): SignedDelegation | undefined {
  const own = delegations.filter(signed => signed.wallet === wallet)
  return own.find(signed => signed.delegation.node === node && lasts(signed, BigInt(time)) &&
    !own.some(other => isLater(other, signed) && takesBack(other, signed, BigInt(time))))
}

/** The delegation by which a statement counts as a wallet's; undefined when none of these says so. */
export function delegationOf (
  { statement, signer }: SignedStatement, wallet: Address, delegations: readonly SignedDelegation[]
): SignedDelegation | undefined {
  return delegationAt(delegations, { wallet, node: signer, time: statement.time })
}

/** Addresses as whose a statement counts: its signer's, and the wallets' for which that one spoke by these delegations. */
export function signersOf (signed: SignedStatement, delegations: readonly SignedDelegation[]): Address[] {
  const wallets = new Set(delegations.map(({ wallet }) => wallet))
  wallets.delete(signed.signer)
  return [signed.signer, ...[...wallets].filter(wallet => delegationOf(signed, wallet, delegations) !== undefined)]
}

/** True when a statement counts as this address's. */
export function countsAs (signed: SignedStatement, address: Address, delegations: readonly SignedDelegation[]): boolean {
  return signed.signer === address || delegationOf(signed, address, delegations) !== undefined
}

/** True when the first of two delegations of one wallet is the later one. */
export function isLater ({ delegation: a }: SignedDelegation, { delegation: b }: SignedDelegation): boolean {
  return a.time === b.time ? BigInt(a.until) < BigInt(b.until) : BigInt(a.time) > BigInt(b.time)
}

function lasts ({ delegation: { time, until } }: SignedDelegation, at: bigint): boolean {
  return BigInt(time) <= at && at <= BigInt(until)
}

function takesBack ({ delegation: later }: SignedDelegation, { delegation }: SignedDelegation, at: bigint): boolean {
  return at >= BigInt(later.time) || (later.node === delegation.node && at > BigInt(later.until))
}
