import type { Digest, Address } from '../interface/primitives.ts'
import type { Verdict, VerdictStatus } from '../interface/verdict.ts'

/** Verdicts on what could not be read, so that it could not say itself whose it is. */
const unread: readonly VerdictStatus[] = ['unavailable', 'embargoed']

/**
 * A root belongs to one miner: its manifest names it. So of several miners who claim one root that was not read for all of them,
 * those copied who are not the one that it names where it was read; where it never was, all but the first in the order of the
 * claims, which is that of the chain.
 */
export function markCopies (verdicts: readonly Verdict[]): void {
  const owners = new Map<Digest, Address>()
  for (const { digest, result } of verdicts) {
    if (digest !== undefined && result !== undefined) owners.set(digest, result.manifest.miner)
  }
  for (const verdict of verdicts) {
    const { digest, miner, status } = verdict
    if (digest === undefined || !unread.includes(status)) continue
    const owner = owners.get(digest) ?? miner
    owners.set(digest, owner)
    if (owner === miner) continue
    const reason = `${verdict.ref} was claimed by ${miner}, and belongs to ${owner}; it was ${status}: ${verdict.reason}`
    Object.assign(verdict, { status: 'copied', copiedFrom: owner, reason })
  }
}
