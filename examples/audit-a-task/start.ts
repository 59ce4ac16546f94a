// What programs of this story are started with, and what they say to the program that started them. What counts is on
// chain; these messages only let it tell the story, and choose the worst moment for a death.
import { sessionQueue } from 'cortensor-datanode/evm'
import type { Address, Agreement, FileSource, Hex, TaskReference, VerdictStatus } from 'cortensor-datanode'
import type { SessionQueue } from 'cortensor-datanode/evm'
import type { EvidenceClaim } from 'cortensor-datanode/verify'
import type { ChainPlace } from './chain.ts'

/** What everybody is started with: one key is the node's and pays on chain. */
export interface Start { home: string, privateKey: Hex, chain: ChainPlace }

export interface MinerStart extends Start { routers: string[] }
export interface OracleStart extends Start { listen: number, routers: string[], file: string }
export interface RouterStart extends Start { listen: number, miners: Address[], oracle: Address, files: FileSource[] }
export interface VerifierStart { file: string }

/** Said by the router once its task is on chain. */
export interface Submitted { task: TaskReference, urn: string }

/** Said by a miner when its part is done: whether it went on with what an earlier process began, and why it was refused. */
export interface Answered { urn: string, resumed?: boolean, refused?: string }

/** Told to the oracle: what a miner handed over off chain, because the queue had refused it. */
export interface Delivered { miner: Address, urn: string }

/** Said by the oracle. */
export interface Judged {
  verdicts: { miner: Address, status: VerdictStatus, reason: string, copiedFrom: Address | undefined }[]
  agreements: Agreement[]
  evidence: string
  anchored: { block: string, size: number }
}

/** Said by whoever verifies: what the file proves, what falls when a bit of it is another one, and what is on chain. */
export interface Verified { ok: boolean, signer: Address, bytes: number, ms: number, claims: EvidenceClaim[] }
export interface Fallen { what: string, at: number, claim?: string, message: string }
export interface OnChain { miner: Address, status: VerdictStatus, committed: boolean, precommitted: boolean }

/** How often a program looks at the chain: its blocks come as fast as they are asked for. */
export const pollMs = 100

/** The session queue contract, to be read. No block of this chain is ever abandoned: none has to be above one. */
export function queueOf ({ rpcUrls, chainId, queue: address }: ChainPlace): SessionQueue {
  return sessionQueue({ rpcUrls, chainId, address })
}
