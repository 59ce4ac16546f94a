import { readDelegation } from '../format/delegation.ts'
import { digestOf } from '../format/digest.ts'
import { parseReference } from '../format/reference.ts'
import { readStatement } from '../format/statement.ts'
import { delegationsMax, statementsMax } from '../limits.ts'
import { statedAccess } from './bundle-home.ts'
import { sessionOf, taskReference } from './task-reference.ts'
import type { Readers, SignedStatement } from '../interface/bundle.ts'
import type { Logger } from '../interface/data-node.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { EvidenceManifest, Manifest, ResultManifest, TaskManifest } from '../interface/manifest.ts'
import type { Access } from '../interface/statement.ts'
import type { BundleRecord } from '../interface/store.ts'
import type { FetchedDag } from '../interface/transfer.ts'
import type { CID } from 'multiformats/cid'

/** Kind of a bundle that has no manifest. */
const plainKind = 'unixfs'

/** What is kept of a bundle that was fetched. A restricted one stays restricted: only who signed it reads it here. */
export function fetchedRecord (
  root: CID, manifest: Manifest | undefined, fetched: Pick<FetchedDag, 'access' | 'delegations' | 'statements'>, log?: Logger
): Omit<BundleRecord, 'holds' | 'storedAt'> {
  const statements = readStatements(root, fetched.statements, log)
  const delegations = readDelegations(root, fetched.delegations, { statements, log })
  return {
    root,
    kind: manifest?.kind ?? plainKind,
    origin: 'fetched',
    readers: fetchedReaders(fetched.access, statements),
    embargoed: false,
    statements,
    ...delegations.length === 0 ? {} : { delegations },
    ...taskOf(manifest)
  }
}

/** What statements say that came and are still needed: they are read when they come, and again when all else has come. */
const knownStatements = new WeakMap<Uint8Array, SignedStatement>()

/** Checks statements that came with a root; those that are malformed, badly signed or about another root are dropped. */
export function readStatements (root: CID, statements: readonly Uint8Array[], log?: Logger): SignedStatement[] {
  const digest = digestOf(root)
  return statements.slice(0, statementsMax).flatMap(bytes => {
    try {
      const signed = knownStatements.get(bytes) ?? readStatement(bytes)
      knownStatements.set(bytes, signed)
      if (signed.statement.root === digest) return [signed]
      log?.(`a statement that came with ${root.toString()} is about ${signed.statement.root}, and was dropped`)
    } catch (error) {
      log?.(`a statement that came with ${root.toString()} was dropped: ${error instanceof Error ? error.message : String(error)}`)
    }
    return []
  })
}

/** Whose delegations are kept. */
export interface DelegationTerms {
  statements: readonly SignedStatement[]
  log?: Logger | undefined
}

/**
 * Checks delegations that came with a root; kept are those of wallets that name one of its signers. A wallet may name a node that
 * knows nothing of it: nobody becomes a reader by it.
 */
export function readDelegations (
  root: CID, delegations: readonly Uint8Array[] | undefined, { statements, log }: DelegationTerms
): SignedDelegation[] {
  const read = (delegations ?? []).slice(0, delegationsMax).flatMap(bytes => {
    try {
      return [readDelegation(bytes)]
    } catch (error) {
      log?.(`a delegation that came with ${root.toString()} was dropped: ${error instanceof Error ? error.message : String(error)}`)
      return []
    }
  })
  const signers = new Set(statements.map(({ signer }) => signer))
  const wallets = new Set(read.filter(({ delegation }) => signers.has(delegation.node)).map(({ wallet }) => wallet))
  return read.filter(({ wallet }) => wallets.has(wallet))
}

function fetchedReaders (access: Access, statements: readonly SignedStatement[]): Readers {
  // What was signed says more than what a provider says, and neither opens what the other restricts.
  if (access === 'anyone' && statedAccess(statements) !== 'restricted') return 'anyone'
  return [...new Set(statements.map(({ signer }) => signer))]
}

function taskOf (manifest: Manifest | undefined): Pick<BundleRecord, 'task' | 'session' | 'answers'> {
  switch (manifest?.kind) {
    case 'task': return { session: sessionOf((manifest as TaskManifest).session) }
    case 'result':
    case 'evidence': {
      const { task, answers } = manifest as ResultManifest | EvidenceManifest
      return { task: taskReference(task, task.taskId), answers: parseReference(answers).cid }
    }
    default: return {}
  }
}
