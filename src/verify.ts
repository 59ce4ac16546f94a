/**
 * Every check that needs no node: for contracts' clients, dashboards and browsers. Nothing here reads a disk, a clock or a
 * network, and nothing needs Node.js.
 *
 * @example
 * ```ts
 * import { decodeStatement, verifyStatement, parseReference, digestOf } from 'cortensor-datanode/verify'
 *
 * const { signer, statement } = verifyStatement(decodeStatement(bytes))
 * const { cid } = parseReference(urn)
 * console.log(signer === miner && statement.root === digestOf(cid))
 * ```
 *
 * @example
 * ```ts
 * import { decodeAuditKey, decodeTlogProof, statementDigest, verifyCheckpoint, verifyInclusion } from 'cortensor-datanode/verify'
 *
 * const { index, hashes, note } = decodeTlogProof(proofBytes)
 * const { checkpoint, digest } = verifyCheckpoint(note, { auditKey: decodeAuditKey(auditKeyBytes), address: miner })
 * verifyInclusion({ entry: statementDigest(statement), index, tree: checkpoint }, hashes)
 * console.log(`in the log of ${miner}, which is anchored as ${digest}`)
 * ```
 *
 * @module verify
 */
export { verifyEvidence } from './audit/verify-evidence.ts'
export { packBundle } from './bundle/pack-bundle.ts'
export { addressOf, recoverAddress } from './format/address.ts'
export { decodeAuditKey, encodeAuditKey, verifyAuditKey } from './format/audit-key.ts'
export { formatAuditOrigin, parseAuditOrigin } from './format/audit-origin.ts'
export { decodeCanonicalJson, encodeCanonicalJson } from './format/canonical-json.ts'
export { checkpointDigest, decodeCheckpoint, encodeCheckpoint } from './format/checkpoint.ts'
export { delegationOf, signersOf } from './format/delegated.ts'
export {
  decodeDelegation, delegationTypedData, encodeDelegation, signDelegation, verifyDelegation
} from './format/delegation.ts'
export { cidOf, digestOf } from './format/digest.ts'
export { auditKeyDigest, delegationDigest, hashTaskReference, statementDigest } from './format/eip712.ts'
export { checkEntryName, checkPath } from './format/entry-name.ts'
export { decodeFork, encodeFork, verifyFork } from './format/fork.ts'
export { isAddress, parseAddress } from './format/hex.ts'
export { decodeManifest, encodeManifest, manifestVersion } from './format/manifest.ts'
export { formatNoteKey } from './format/note-key.ts'
export { formatTicket, formatUrn, parseReference } from './format/reference.ts'
export { decodeNote, encodeNote, verifyNote } from './format/signed-note.ts'
export { decodeStatement, encodeStatement, verifyStatement } from './format/statement.ts'
export { decodeTlogProof, encodeTlogProof } from './format/tlog-proof.ts'
export { verifyCheckpoint } from './format/verify-checkpoint.ts'
export { verifyConsistency } from './merkle/consistency.ts'
export { verifyInclusion } from './merkle/inclusion.ts'
export { verifyRow } from './dataset/verify-row.ts'
export {
  DataNodeError, ForeignReferenceError, InvalidArgumentError, InvalidAuditKeyError, InvalidCheckpointError,
  InvalidDagError, InvalidDelegationError, InvalidEvidenceError, InvalidForkError, InvalidKeyError, InvalidManifestError,
  InvalidMessageError, InvalidNameError, InvalidNoteError, InvalidProofError, InvalidReferenceError, InvalidSignatureError,
  InvalidStatementError, InvalidTableError, LimitExceededError, NewerFormatError, ProofMismatchError, SmallerTreeError,
  SourceChangedError, UnsignedError, WrongOriginError, WrongSignerError
} from './errors.ts'
export type { AuditKey, SignedAuditKey } from './format/audit-key.ts'
export type { AuditOrigin } from './format/audit-origin.ts'
export type { DecodeJsonOptions } from './format/canonical-json.ts'
export type { Checkpoint } from './format/checkpoint.ts'
export type { DelegationTypedData } from './format/delegation.ts'
export type { AuditKeyBody } from './format/eip712.ts'
export type { Fork, VerifiedFork } from './format/fork.ts'
export type { SignDigest } from './format/statement.ts'
export type { ParsedReference } from './format/reference.ts'
export type { NoteKey } from './format/note-key.ts'
export type { NoteSignature, SignedNote } from './format/signed-note.ts'
export type { TlogProof } from './format/tlog-proof.ts'
export type { SeenCheckpoint } from './format/seen-checkpoint.ts'
export type { ExpectedCheckpoint, SignedCheckpoint } from './format/verify-checkpoint.ts'
export type { Consistency } from './merkle/consistency.ts'
export type { Inclusion } from './merkle/inclusion.ts'
export type { VerifiedRow } from './dataset/verify-row.ts'
export type { ErrorDetails } from './errors.ts'
export type { Anchor, AnchorReceipt } from './interface/anchor.ts'
export type { SignedStatement } from './interface/bundle.ts'
export type { Delegation, DelegationBody, SignedDelegation } from './interface/delegation.ts'
export type {
  EvidenceClaim, EvidenceClaimCode, EvidenceLog, EvidenceVerdict, ExportPayload, VerifiedEvidence, VerifyEvidenceOptions
} from './interface/evidence.ts'
export type {
  DatasetManifest, EvidenceExportManifest, EvidenceManifest, Manifest, ManifestBase, OtherManifest, ResultManifest,
  SessionAuditManifest, TaskManifest, TrailManifest
} from './interface/manifest.ts'
export type { TreeHead } from './interface/merkle.ts'
export type { Address, Digest, Hex, JsonObject, JsonValue, Reference, Uint256 } from './interface/primitives.ts'
export type { TableFormat } from './interface/table.ts'
export type { Access, Statement, StatementBody } from './interface/statement.ts'
export type { BlobSource, PackedBundle, PackSource } from './interface/pack.ts'
export type { ByteSource, ByteStream, ByteStreamReader } from './interface/source.ts'
export type { NetworkSession, TaskReference } from './interface/task.ts'
export type { VerdictStatus } from './interface/verdict.ts'
