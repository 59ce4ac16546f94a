import { keepStored } from '../bundle/kept-bundle.ts'
import { InvalidArgumentError, NotStoredError, UnsignedError, WrongKindError } from '../errors.ts'
import { checkOptions, invalidArgument } from '../format/argument.ts'
import { encodeAnchorReceipts } from '../format/anchor-receipts.ts'
import { encodeCarHeader, encodeCarSectionHead } from '../format/car-sections.ts'
import { delegationOf, signersOf } from '../format/delegated.ts'
import { concat } from '../format/protobuf.ts'
import { formatUrn } from '../format/reference.ts'
import { carPieceBytesMin } from '../limits.ts'
import { makeEnvelope } from './envelope.ts'
import { EnvelopeWalk } from './envelope-walk.ts'
import { checkLogProofs } from './log-proofs.ts'
import type { Envelope } from './envelope.ts'
import type { AnchoredCheckpoint, AnchorReceipt } from '../interface/anchor.ts'
import type { SignedStatement } from '../interface/bundle.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { AuditTrail } from '../interface/audit.ts'
import type { ExportEvidenceOptions, ExportPayload, LogProof } from '../interface/evidence.ts'
import type { Identity } from '../interface/network.ts'
import type { AbortOptions, Address } from '../interface/primitives.ts'
import type { Statement } from '../interface/statement.ts'
import type { Store, StoredBundle } from '../interface/store.ts'
import type { KnownDelegations } from '../network/known-delegations.ts'
import type { CheckedLogProof } from './log-proofs.ts'
import type { CID } from 'multiformats/cid'

/** What exporting needs from the node. */
export interface ExportComponents {
  identity: Pick<Identity, 'signer'>
  store: Pick<Store, 'keep' | 'reader' | 'record'>
  audit: Pick<AuditTrail, 'checkpoint' | 'proveInclusion'>
  /** Own checkpoints that this node knows to be anchored. */
  anchored: (options: AbortOptions) => Promise<readonly AnchoredCheckpoint[]>
  delegations: Pick<KnownDelegations, 'with'>
}

const payloads: readonly unknown[] = ['none', 'outputs', 'all'] satisfies ExportPayload[]

/**
 * Checks what a host gave, as far as it can be told before the evidence is looked at.
 *
 * @throws {@link InvalidArgumentError} when an option is not of its form
 */
export function checkExportOptions (options: unknown): asserts options is ExportEvidenceOptions {
  checkOptions(options)
  const { payload, receipts } = options as ExportEvidenceOptions
  if (payload !== undefined && !payloads.includes(payload)) throw invalidArgument('payload', "'none', 'outputs' or 'all'", payload)
  if (receipts !== undefined) encodeAnchorReceipts(receipts)
}

/**
 * Writes stored evidence as one file, in the form of `envelope.ts` in `format/`: in pieces of at least 64 KiB but for the last.
 *
 * @throws {@link NotStoredError} when it is not stored
 * @throws {@link WrongKindError} when it is no evidence
 * @throws {@link UnsignedError} when nobody is known to have signed it
 * @throws {@link InvalidArgumentError} when a proof is not of its statement, or a receipt of none of the proofs' checkpoints
 * @throws {@link InvalidProofError} when the checkpoint that was anchored does not have the statement yet
 */
export async function * exportEvidence (
  components: ExportComponents, root: CID, options: ExportEvidenceOptions
): AsyncGenerator<Uint8Array> {
  const stored = components.store.record(root)
  if (stored === undefined) throw new NotStoredError(`${formatUrn(root)} is not stored here: fetch it first`, { cid: root.toString() })
  const kept = keepStored(components.store, stored)
  try {
    yield * writeEnvelope(await envelopeOf(components, stored, options), options)
  } finally {
    kept[Symbol.dispose]()
  }
}

async function envelopeOf (
  components: ExportComponents, stored: StoredBundle, options: ExportEvidenceOptions
): Promise<Envelope> {
  const { payload = 'none', receipts = [], signal } = options
  const signed = statementOf(stored, components.identity.signer)
  const { statement } = signed
  const proofs = await proofsOf(components, stored, statement, options)
  checkReceipts(receipts, proofs)
  const delegations = delegationsOf(signed, components.delegations.with(stored.delegations ?? []))
  const init = { evidence: stored.root, statement, payload, proofs, receipts, delegations }
  return await makeEnvelope(components.store.reader(stored.root), init, { signal })
}

/** Writes the file of an envelope. */
export async function * writeEnvelope ({ root, get }: Envelope, { payload = 'none', signal }: ExportEvidenceOptions): AsyncGenerator<Uint8Array> {
  const walk = new EnvelopeWalk(root, async cid => await get(cid, { signal }))
  let [parts, bytes]: [Uint8Array[], number] = [[encodeCarHeader(root)], 0]
  for (const blocks of [walk.checked(), walk.payload(payload)]) {
    for await (const block of blocks) {
      signal?.throwIfAborted()
      parts.push(encodeCarSectionHead(block.cid, block.bytes.byteLength), block.bytes)
      bytes += block.bytes.byteLength
      if (bytes < carPieceBytesMin) continue
      yield concat(parts)
      ;[parts, bytes] = [[], 0]
    }
  }
  if (parts.length > 0) yield concat(parts)
}

function checkReceipts (receipts: readonly AnchorReceipt[], proofs: readonly CheckedLogProof[]): void {
  const digests = proofs.map(({ log: { digest } }) => digest)
  const stray = receipts.find(({ digest }) => !digests.includes(digest))
  if (stray === undefined) return
  throw new InvalidArgumentError(`The receipt of ${stray.digest} is of none of the checkpoints (${digests.join(', ') || 'there is none'}):` +
    ' give the proof under the one that was anchored', { digest: stray.digest })
}

/** This node's own where it published the evidence, else that of whoever did. */
function statementOf ({ root, kind, statements }: StoredBundle, own: Address): SignedStatement {
  if (kind !== 'evidence') {
    throw new WrongKindError(`${formatUrn(root)} is ${kind === 'unixfs' ? 'no bundle' : `a ${kind} bundle`}, and only evidence is exported`)
  }
  const evidence = statements.filter(({ statement }) => statement.kind === 'evidence')
  const signed = evidence.find(({ signer }) => signer === own) ?? evidence[0]
  if (signed !== undefined) return signed
  throw new UnsignedError(`nobody is known to have signed ${formatUrn(root)}: ask whoever published it`)
}

/** By which the publisher speaks for wallets, as far as this node knows. */
function delegationsOf (signed: SignedStatement, known: readonly SignedDelegation[]): SignedDelegation[] {
  return signersOf(signed, known).flatMap(wallet => delegationOf(signed, wallet, known) ?? [])
}

async function proofsOf (
  components: ExportComponents, { statements }: StoredBundle, statement: Statement, options: ExportEvidenceOptions
): Promise<CheckedLogProof[]> {
  const { signer: own } = components.identity
  const given = checkLogProofs(statement, options.proofs ?? [])
  const isOwn = statements.some(({ signer, statement: { signature } }) => signer === own && signature === statement.signature)
  if (!isOwn || given.some(({ log: { address } }) => address === own)) return given
  return [...given, ...checkLogProofs(statement, [await proveOwn(components, statement, options)])]
}

/** Under the checkpoint that a receipt is of, else under the latest. */
async function proveOwn (
  { audit, anchored }: ExportComponents, statement: Statement, { receipts = [], signal }: ExportEvidenceOptions
): Promise<LogProof> {
  const digests = receipts.map(({ digest }) => digest)
  const known = digests.length === 0 ? [] : await anchored({ signal })
  const size = known.findLast(({ receipt }) => digests.includes(receipt.digest))?.size
  const proof = await audit.proveInclusion(statement, { signal, ...size !== undefined && { size } })
  const { auditKey } = await audit.checkpoint({ signal })
  return { proof, auditKey }
}
