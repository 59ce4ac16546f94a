import { readVectors } from '../format/vectors.ts'
import type { EvidenceClaim, ExportPayload } from '../../src/interface/evidence.ts'
import type { Address } from '../../src/interface/primitives.ts'
import type { TaskReference } from '../../src/interface/task.ts'

/** A file of evidence, and what is found in it. */
export interface EvidenceVector {
  name: string
  payload: ExportPayload
  signer: Address
  evidence: string
  task: TaskReference
  blocks: number
  claims: Pick<EvidenceClaim, 'code' | 'subject' | 'holds'>[]
  file: Uint8Array
}

function read<V extends EvidenceVector> (name: string): V[] {
  const { valid } = readVectors(name) as { valid: (Omit<V, 'file'> & { file: string })[] }
  return valid.map(vector => ({ ...vector, file: new Uint8Array(Buffer.from(vector.file, 'base64')) })) as unknown as V[]
}

/** With nothing of what it links, with the answers, and with everything and an anchor. */
export const evidenceFiles = read('evidence-export') as [EvidenceVector, EvidenceVector, EvidenceVector]

/** Whose publisher and miner are nodes that speak for wallets. */
export const delegatedFile = read<EvidenceVector & { wallets: Address[] }>('evidence-delegated')[0] as EvidenceVector & { wallets: Address[] }
