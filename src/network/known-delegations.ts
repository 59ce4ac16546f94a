import { isLater } from '../format/delegated.ts'
import { delegationsMax, knownWalletsMax } from '../limits.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { Address } from '../interface/primitives.ts'

/**
 * Delegations that this node has seen: of each wallet the latest few, so that one that was revoked does not count because whoever
 * shows it leaves out the revocation. In memory, and bounded: those of the wallets that were heard of last. What the host says
 * stays.
 */
export class KnownDelegations {
  readonly #seen = new Map<Address, SignedDelegation[]>()
  readonly #told = new Map<Address, SignedDelegation[]>()

  /** Notes what a peer has shown. */
  note (signed: SignedDelegation): void {
    const { wallet } = signed
    const known = this.#seen.get(wallet) ?? []
    this.#seen.delete(wallet)
    this.#seen.set(wallet, withLatest(known, signed))
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= knownWalletsMax) break
      this.#seen.delete(oldest)
    }
  }

  /** Notes what the host says, for as long as the node runs. */
  learn (signed: SignedDelegation): void {
    this.#told.set(signed.wallet, withLatest(this.#told.get(signed.wallet) ?? [], signed))
  }

  /** These, and what their wallets are known to have signed beside them, as many as travel with a root. */
  with (delegations: readonly SignedDelegation[]): SignedDelegation[] {
    const wallets = new Set(delegations.map(({ wallet }) => wallet))
    const all = [...delegations, ...[...wallets].flatMap(wallet => this.of(wallet))]
    return [...new Map(all.map(signed => [signed.delegation.signature, signed])).values()].slice(0, delegationsMax)
  }

  /** Of one wallet. */
  of (wallet: Address): SignedDelegation[] {
    return [...this.#told.get(wallet) ?? [], ...this.#seen.get(wallet) ?? []]
  }
}

/** The latest ones, the last of all first. */
function withLatest (known: readonly SignedDelegation[], signed: SignedDelegation): SignedDelegation[] {
  if (known.some(({ delegation }) => delegation.signature === signed.delegation.signature)) return [...known]
  return [signed, ...known].sort((a, b) => isLater(a, b) ? -1 : 1).slice(0, delegationsMax)
}
