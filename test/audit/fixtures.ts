import { CID } from 'multiformats/cid'
import { sha256 } from '@noble/hashes/sha2.js'
import { create } from 'multiformats/hashes/digest'
import { recoverAddress, signDigest } from '../../src/format/address.ts'
import { digestOf } from '../../src/format/digest.ts'
import { formatUrn } from '../../src/format/reference.ts'
import { signStatement } from '../../src/format/statement.ts'
import { UnavailableError } from '../../src/errors.ts'
import type { BundleEntry, ResultBundle, SignedStatement, TaskBundle } from '../../src/interface/bundle.ts'
import type { SignedDelegation } from '../../src/interface/delegation.ts'
import type { ResultManifest } from '../../src/interface/manifest.ts'
import type { Address, Reference } from '../../src/interface/primitives.ts'
import type { Statement, StatementBody } from '../../src/interface/statement.ts'
import type { VerdictComponents } from '../../src/audit/judge.ts'

/** Addresses of miners, by number. */
export const miner = (i: number): Address => `0x${i.toString(16).padStart(2, '0').repeat(20)}`

/** A dag-pb CID that depends on the text alone. */
export const root = (text: string): CID => CID.createV1(0x70, create(0x12, sha256(new TextEncoder().encode(text))))

const session = { chainId: '421614', queue: miner(0xcc), sessionId: '7' }

/** The task that every test answers. */
export const task = {
  cid: root('task'), digest: digestOf(root('task')), access: 'anyone', manifest: { format: 'cortensor-bundle', version: '1.0', kind: 'task', session }
} as unknown as TaskBundle

/** A statement of a miner on a root, unchecked. */
export function statementOf (signer: Address, cid: CID, taskId = '0', answers: CID = root('task')): SignedStatement {
  return {
    signer,
    statement: {
      kind: 'result', root: digestOf(cid), answers: digestOf(answers), task: { ...session, taskId }, access: 'anyone',
      salt: `0x${'00'.repeat(32)}`, time: '0', signature: `0x${'00'.repeat(65)}`
    }
  }
}

/** The address of a miner that has a key, by number. */
export function keyed (i: number): Address {
  const digest = new Uint8Array(32)
  return recoverAddress(digest, signDigest(digest, new Uint8Array(32).fill(i)))
}

/** What that miner signs about a root. */
export async function signedBy (i: number, cid: CID, change: Partial<StatementBody> = {}): Promise<Statement> {
  return await signStatement({ ...statementOf(keyed(i), cid).statement, ...change }, async digest => signDigest(digest, new Uint8Array(32).fill(i)))
}

/** The URN of the root that depends on the text alone. */
export const urn = (text: string): string => formatUrn(root(text))

/** A node on which these results are found, or these errors, by URN. */
export function components (results: Record<string, ResultBundle | Error>): VerdictComponents {
  return {
    now: () => 0,
    clock: () => 0,
    random: () => 0,
    // Lets timers fire.
    sleep: async () => { await new Promise(resolve => { setImmediate(resolve) }) },
    fetchResult: async (ref: Reference) => {
      const found = results[String(ref)] ?? new UnavailableError('nobody has it')
      return found instanceof Error ? await Promise.reject(found) : found
    }
  }
}

/** A result handle as far as judging needs it. */
export function resultOf (
  by: Address, text: string, { taskId = '0', answers = root('task'), statements, delegations = [], output = 'same' }:
  { taskId?: string, answers?: CID, statements?: SignedStatement[], delegations?: SignedDelegation[], output?: string } = {}
): ResultBundle {
  const cid = root(text)
  const manifest = { kind: 'result', answers: answers.toString(), task: { ...session, taskId }, miner: by } as ResultManifest
  return {
    cid, digest: digestOf(cid), urn: formatUrn(cid), manifest, access: 'anyone', task: manifest.task, miner: by,
    statements: statements ?? [statementOf(by, cid, taskId, answers)],
    delegations,
    close: async () => {},
    files: async function* (): AsyncGenerator<BundleEntry> {
      yield await Promise.resolve({ path: 'manifest.json', type: 'file', size: 1n, cid: root(`manifest ${text}`) })
      yield { path: 'output.json', type: 'file', size: 1n, cid: root(output) }
    }
  } as unknown as ResultBundle
}
