// What comes out of the story: the tables, and what has to hold.
import { toFunctionSelector } from 'viem'
import { table } from '../support/table.ts'
import type { Address } from 'cortensor-datanode'
import type { PaidCall, Tried } from './chain.ts'
import type { Answered, Fallen, Judged, OnChain, Verified } from './start.ts'

/** Somebody who takes part. */
export interface Party { name: string, address: Address }

/** Those who are spoken of. */
export type Parties = Record<'honest' | 'killed' | 'copycat' | 'forger' | 'oracle', Party>

/** What is not on chain. */
export interface Payload { task: string, answer: string }

/** All that is looked at in the end. */
export interface Outcome {
  parties: Parties
  judged: Judged
  resumed: Answered | undefined
  refused: Answered | undefined
  offline: Verified
  fallen: Fallen[]
  withChain: Verified
  onChain: OnChain[]
}

/** The error of the queue contract when the hash of a commit is not that of the precommit. */
const hashMismatch = toFunctionSelector('HashMismatch(bytes32,bytes32)')
const widthMax = 120

/** Who was found what. */
export function verdictTable (parties: Parties, { verdicts, agreements }: Judged): string {
  const rows = verdicts.map(({ miner, status, reason }) => [miner, status, reason].map(cell => brief(cell, parties)))
  rows.sort(([a = ''], [b = '']) => a.localeCompare(b))
  const agreeing = agreements.map(({ miners }) => miners.map(miner => brief(miner, parties)).sort().join(' and ')).join('; ')
  return `${table(['miner', 'verdict', 'why'], rows)}agreement: ${agreeing}`
}

/** What was paid on chain, and what it is with the texts themselves in place of their URNs. */
export function gasTable (paid: readonly PaidCall[], tried: Tried, payload: Payload): string {
  const names = [...new Set(paid.map(({ call }) => call))]
  const costs = names.map(name => {
    const same = paid.filter(({ call }) => call === name)
    const [bytes, gas] = [same.map(({ bytes }) => bytes), same.map(({ gas }) => gas)]
    return { name, times: same.length, bytes: Math.max(...bytes), gas: Math.max(...gas) }
  })
  const gasOf = (name: string): number => costs.find(cost => cost.name === name)?.gas ?? 0
  const compared = (whole: number, name: string): string => `${(whole / gasOf(name)).toFixed(1)} times that`
  return table(['call', 'times', 'bytes', 'gas', ''], [
    ...costs.map(({ name, times, bytes, gas }) => [name, String(times), grouped(bytes), grouped(gas)]),
    ['submit the documents, not their URN', '', grouped(byteLength(payload.task)), grouped(tried.submit), compared(tried.submit, 'submit')],
    ['commit the answer, not its URN', '', grouped(byteLength(payload.answer)), grouped(tried.commit), compared(tried.commit, 'commit')]
  ])
}

/** What the file proves, and the chain. */
export function claimTable (parties: Parties, { claims }: Verified, onChain: readonly OnChain[]): string {
  const seen = onChain.map(({ miner, status, committed, precommitted }) => {
    if (committed) return ['on chain', 'proven', `${miner} (${status}) committed what the evidence says`]
    return ['on chain', precommitted ? 'refuted' : 'proven', `${miner} (${status}) had precommitted the hash of something else`]
  })
  return table(['claim', 'holds', 'in words'], [...claims.map(({ code, holds, words }) => [code, holds, words]), ...seen]
    .map(row => row.map(cell => brief(cell, parties))))
}

/** Why the queue took no commit: by the contract's own error, where it is the one that is expected. */
export function refusal (answered: Answered | undefined): string {
  const { refused = 'it did not' } = answered ?? {}
  return refused.includes(hashMismatch) ? 'HashMismatch' : refused
}

/** What should hold and does not, each as a sentence. */
export function unmet (outcome: Outcome): string[] {
  const { parties, judged, resumed, refused, offline, fallen, withChain, onChain } = outcome
  const { honest, killed, copycat, forger, oracle } = parties
  const verdictOf = ({ address }: Party): Judged['verdicts'][number] | undefined => judged.verdicts.find(({ miner }) => miner === address)
  const chainOf = ({ address }: Party): OnChain | undefined => onChain.find(({ miner }) => miner === address)
  const holds = ({ claims }: Verified, code: string): string =>
    claims.filter(claim => claim.code === code).map(({ holds }) => holds).join()
  const agreeing = judged.agreements.map(({ miners }) => miners.toSorted().join())
  const expectations: Record<string, boolean> = {
    'the honest miner is ok': verdictOf(honest)?.status === 'ok',
    'the one that was killed went on where it was, and is ok': resumed?.resumed === true && verdictOf(killed)?.status === 'ok',
    'these two agree, and nobody else': agreeing.join(';') === [honest, killed].map(({ address }) => address).sort().join(),
    'the one that copied is found out': verdictOf(copycat)?.status === 'copied',
    'so is whom it copied': verdictOf(copycat)?.copiedFrom === honest.address,
    'the one that changed its answer is a mismatch': verdictOf(forger)?.status === 'mismatch',
    'the queue refused to take that': refusal(refused) === 'HashMismatch',
    'the file holds with nobody there': offline.ok,
    'the oracle signed it': offline.signer === oracle.address,
    'whichever bit is flipped, some claim falls': fallen.every(({ claim }) => claim !== undefined),
    'the anchor is somebody\'s word until the chain is asked': holds(offline, 'anchor') === 'not-proven',
    'the anchor is proven then': withChain.ok && holds(withChain, 'anchor') === 'proven',
    'on chain is what three miners are said to have committed': [honest, killed, copycat].every(miner => chainOf(miner)?.committed === true),
    'on chain is another hash than that of the changed answer': chainOf(forger)?.committed === false && !chainOf(forger)?.precommitted
  }
  return Object.entries(expectations).filter(([, held]) => !held).map(([sentence]) => sentence)
}

/** A sentence as it fits a line: names for addresses, and the ends of what is long. */
function brief (text: string, parties: Parties): string {
  const named = Object.values(parties).reduce((all, { name, address }) => all.replaceAll(address, name), text)
  const short = named.replaceAll('miner miner', 'miner').replaceAll('urn:blob:v2:ipfs:', '').replace(/\b(0x[0-9a-f]{6}|bafy.{4}|bafk.{4})[0-9a-z]{30,}/g, '$1…')
  return short.length <= widthMax ? short : `${short.slice(0, widthMax - 1)}…`
}

function grouped (value: number): string {
  return value.toLocaleString('en-US')
}

function byteLength (text: string): number {
  return new TextEncoder().encode(text).length
}
