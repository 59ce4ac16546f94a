// Anybody, later: has one file and no node. Every process that had a part in it has ended, the chain's too.
import { readFile } from 'node:fs/promises'
import { InvalidEvidenceError, verifyEvidence } from 'cortensor-datanode/verify'
import { easAnchor } from 'cortensor-datanode/evm'
import { next, say } from '../support/host.ts'
import { queueOf } from './start.ts'
import type { VerifiedEvidence, VerifyEvidenceOptions } from 'cortensor-datanode/verify'
import type { ChainPlace } from './chain.ts'
import type { Fallen, OnChain, Verified, VerifierStart } from './start.ts'

const { file } = await next<VerifierStart>('start')
const bytes = await readFile(file)
await verify('offline')

// one bit is another one: whatever it is about, somebody's hash or signature says so
say('fallen', await Promise.all([
  flip('the text of an answer', '"text":"'),
  flip('the statement of a miner', '"kind":"result","root":"'),
  flip('a verdict', '"status":"'),
  flip('the statement of the oracle', '"kind":"evidence","root":"'),
  flip('the proof that its log has it', '\u2014 cortensor-datanode/'),
  flip('the receipt of the anchor', '"blockNumber":"')
]))

// what no file can know by itself the chain says: since when it is there, and what was precommitted and committed
const chain = await next<ChainPlace>('chain')
const { chainId, rpcUrls, eas: address } = chain
const { task, verdicts } = await verify('with-chain', { anchors: [easAnchor({ chainId, rpcUrls, address, confirmations: 0 })] })
const queue = queueOf(chain)
const { miners } = await queue.readTask(task)
say('on-chain', await Promise.all(verdicts.map(async ({ miner, ref, status }): Promise<OnChain> => {
  const { hash, data } = miners.find(other => other.miner === miner) ?? {}
  return { miner, status, committed: data === ref, precommitted: hash === await queue.getHash(ref) }
})))
await next('stop')

async function verify (type: string, options: VerifyEvidenceOptions = {}): Promise<VerifiedEvidence> {
  const startedAt = performance.now()
  const evidence = await verifyEvidence(bytes, options)
  const { ok, signer, claims } = evidence
  const ms = performance.now() - startedAt
  say(type, { ok, signer, bytes: bytes.length, ms, claims: [...claims] } satisfies Verified)
  return evidence
}

/** Flips a bit of what follows a text. */
async function flip (what: string, text: string): Promise<Fallen> {
  const before = bytes.indexOf(text)
  if (before === -1) throw new Error(`the file has no ${what}`)
  const at = before + Buffer.byteLength(text)
  const changed = Uint8Array.from(bytes)
  changed[at] = (changed[at] ?? 0) ^ 1
  try {
    await verifyEvidence(changed)
    return { what, at, message: 'nobody noticed' }
  } catch (error) {
    if (!(error instanceof InvalidEvidenceError)) throw error
    return { what, at, claim: String(error.details['claim']), message: error.message }
  }
}
