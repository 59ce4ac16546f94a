// The network's session queue, as the programs see it. Messages between processes stand in for the contract: what
// travels here are the short strings and hashes that would stand on chain, never the data.
import { createCipheriv } from 'node:crypto'
import { next, say } from '../support/host.ts'
import type { Address, Digest, FileSource, NetworkSession, TaskReference } from 'cortensor-datanode'

/** What a program is started with. */
export interface Start {
  home: string
  privateKey: string
  listen: number
  routers: string[]
  oracle: Address
  session: NetworkSession
  files: FileSource[]
  attachmentBytes: number
  misbehave?: 'cheat' | 'die'
  urn: string
}

/** Told to a miner that has to do a task. */
export interface TaskAssigned { urn: string, reference: TaskReference }

/** Told to the router once its task is on chain. */
export interface Submitted { taskId: string, miners: Address[] }

/** Told to the router when the commit window is over. */
export interface Committed { commits: { miner: Address, hash: Digest, urn: string }[] }

/** Told to the oracle. Who precommitted and did not commit has a hash and no URN. */
export interface TaskEnded { urn: string, taskId: string, miners: { miner: Address, hash: Digest, urn?: string }[] }

/** The queue as a program talks to it. */
export const queue: {
  /** What this program was started with. */
  start: () => Promise<Start>
  /** Waits for a message of this type. */
  next: typeof next
  /** Says something to everybody who has to know. */
  say: typeof say
} = {
  start: async () => await next<Start>('start'),
  next,
  say
}

/** A binary attachment of this size: an AES-CTR key stream, the same for everybody. */
export async function* attachment (bytes: number): AsyncGenerator<Uint8Array> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16))
  const zeros = Buffer.alloc(1024 * 1024)
  for (let left = bytes; left > 0; left -= zeros.length) {
    yield cipher.update(zeros.subarray(0, Math.min(left, zeros.length)))
  }
}
