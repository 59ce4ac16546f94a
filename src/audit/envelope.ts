import { DirectoryImport } from '../bundle/import.ts'
import { manifestPath } from '../bundle/read-manifest.ts'
import { readBytesSource } from '../bundle/source-stream.ts'
import { encodeAnchorReceipts } from '../format/anchor-receipts.ts'
import { blockName } from '../format/dag-links.ts'
import { encodeDelegation } from '../format/delegation.ts'
import { encodeManifest, manifestVersion } from '../format/manifest.ts'
import { encodeStatement } from '../format/statement.ts'
import type { SourceEntry } from '../bundle/source-entry.ts'
import type { AnchorReceipt } from '../interface/anchor.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { ExportPayload } from '../interface/evidence.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { Statement } from '../interface/statement.ts'
import type { BlockReader, BlockWriter } from '../interface/store.ts'
import type { CheckedLogProof } from './log-proofs.ts'
import type { CID } from 'multiformats/cid'

/** What goes into an envelope. */
export interface EnvelopeInit {
  /** Root of the evidence bundle. */
  evidence: CID
  statement: Statement
  payload: ExportPayload
  proofs: readonly CheckedLogProof[]
  receipts: readonly AnchorReceipt[]
  /** By which the signer of the statement speaks for wallets; of each wallet one. */
  delegations: readonly SignedDelegation[]
}

/** An envelope, and where its blocks are. */
export interface Envelope {
  root: CID
  get: (cid: CID, options?: AbortOptions) => Promise<Uint8Array>
}

/**
 * Makes the envelope of evidence (`envelope.ts` in `format/`). Its own few blocks stay in memory; those of the evidence are read
 * from `blocks` when they are asked for.
 */
export async function makeEnvelope (
  blocks: Pick<BlockReader, 'get'>, init: EnvelopeInit, options: AbortOptions = {}
): Promise<Envelope> {
  const own = new OwnBlocks(blocks)
  const directory = new DirectoryImport(own)
  await directory.add([{ type: 'link', path: 'evidence', cid: init.evidence }, ...filesOf(init)], options)
  return { root: await directory.root(options), get: async (cid, options) => own.get(cid, options) }
}

function filesOf ({ evidence, statement, payload, proofs, receipts, delegations }: EnvelopeInit): SourceEntry[] {
  const manifest = encodeManifest({
    format: 'cortensor-bundle', version: manifestVersion, kind: 'evidence-export', evidence: evidence.toString(), payload
  })
  return [
    fileOf(manifestPath, manifest),
    fileOf('statement.json', encodeStatement(statement)),
    fileOf('anchors.json', encodeAnchorReceipts(receipts)),
    ...proofs.flatMap(({ log: { address }, proof, auditKey }) =>
      [fileOf(`proofs/${address}.tlog-proof`, proof), fileOf(`audit-keys/${address}.json`, auditKey)]),
    ...delegations.map(({ wallet, delegation }) => fileOf(`delegations/${wallet}.json`, encodeDelegation(delegation)))
  ]
}

function fileOf (path: string, bytes: Uint8Array): SourceEntry {
  return { type: 'file', path, open: options => readBytesSource(bytes, options) }
}

/** A few blocks in memory in front of others that are read only. */
class OwnBlocks implements BlockReader, BlockWriter {
  readonly #own = new Map<string, Uint8Array>()
  readonly #others: Pick<BlockReader, 'get'>

  constructor (others: Pick<BlockReader, 'get'>) {
    this.#others = others
  }

  async get (cid: CID, options?: AbortOptions): Promise<Uint8Array> {
    return this.#own.get(blockName(cid)) ?? await this.#others.get(cid, options)
  }

  async has (cid: CID): Promise<boolean> {
    return this.#own.has(blockName(cid))
  }

  async put (cid: CID, bytes: Uint8Array): Promise<void> {
    this.#own.set(blockName(cid), bytes)
  }
}
