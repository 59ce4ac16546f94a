import { delegationOf } from '../format/delegated.ts'
import { readDelegation } from '../format/delegation.ts'
import { isAddress } from '../format/hex.ts'
import { delegationBytesMax } from '../limits.ts'
import { checking, invalidEvidence } from './invalid-evidence.ts'
import { timeText } from './time-text.ts'
import type { SignedStatement } from '../interface/bundle.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { EvidenceClaim } from '../interface/evidence.ts'
import type { EnvelopeTree } from './read-envelope.ts'

/**
 * Reads the delegations in a folder of an envelope, each in a file that is named by the wallet that signed it.
 *
 * @throws {@link InvalidEvidenceError} when one is none, is not of its wallet, or there are more than `max`
 */
export async function readDelegationFiles (tree: EnvelopeTree, folder: string, max: number): Promise<SignedDelegation[]> {
  const entries = await tree.entriesIfAny(folder)
  if (entries.size > max) throw invalidEvidence(folder, `There are ${entries.size} delegations, and at most ${max} are taken`)
  const delegations: SignedDelegation[] = []
  for (const name of entries.keys()) {
    const [path, wallet] = [`${folder}/${name}`, name.replace(/\.json$/, '')]
    if (!isAddress(wallet) || name !== `${wallet}.json`) throw invalidEvidence(path, `${path} is not named by an address`)
    const bytes = await tree.bytes(path, delegationBytesMax)
    const signed = await checking(path, () => readDelegation(bytes))
    if (signed.wallet !== wallet) throw invalidEvidence(path, `${path} is a delegation of ${signed.wallet}`)
    delegations.push(signed)
  }
  return delegations
}

/**
 * Reads the delegations of whoever published the evidence.
 *
 * @throws {@link InvalidEvidenceError} as {@link readDelegationFiles}, and when one is of another node
 */
export async function readPublisherDelegations (
  tree: EnvelopeTree, { signer }: SignedStatement, max: number
): Promise<SignedDelegation[]> {
  const delegations = await readDelegationFiles(tree, 'delegations', max)
  const stray = delegations.find(({ delegation }) => delegation.node !== signer)
  if (stray === undefined) return delegations
  throw invalidEvidence(`delegations/${stray.wallet}.json`,
    `${stray.wallet} let ${stray.delegation.node} speak, and the evidence is signed by ${signer}`)
}

/** What delegations of whoever published the evidence come to, given all that are known of their wallets. */
export function claimsOfDelegations (
  signed: SignedStatement, delegations: readonly SignedDelegation[], known: readonly SignedDelegation[]
): EvidenceClaim[] {
  return delegations.map((own): EvidenceClaim => {
    const { wallet } = own
    const claim = { code: 'delegation' as const, subject: wallet }
    const by = delegationOf(signed, wallet, known)
    if (by !== undefined) return { ...claim, holds: 'proven', words: spokenFor(by) }
    const words = `${spokenFor(own)}, but what was signed at ${timeText(signed.statement.time)} is not covered by that, or it was taken back`
    return { ...claim, holds: 'refuted', words }
  })
}

/** Who speaks for whom, and when, in words. */
export function spokenFor ({ wallet, delegation: { node, time, until } }: SignedDelegation): string {
  return `node ${node} speaks for wallet ${wallet} from ${timeText(time)} until ${timeText(until)}`
}
