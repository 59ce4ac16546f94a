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
 * @module verify
 */
export { addressOf, recoverAddress } from './format/address.ts'
export { decodeCanonicalJson, encodeCanonicalJson } from './format/canonical-json.ts'
export { cidOf, digestOf } from './format/digest.ts'
export { auditKeyDigest, hashTaskReference, statementDigest } from './format/eip712.ts'
export { checkEntryName, checkPath } from './format/entry-name.ts'
export { isAddress, parseAddress } from './format/hex.ts'
export { decodeManifest, encodeManifest, manifestVersion } from './format/manifest.ts'
export { formatTicket, formatUrn, parseReference } from './format/reference.ts'
export { decodeStatement, encodeStatement, verifyStatement } from './format/statement.ts'
export {
  DataNodeError, ForeignReferenceError, InvalidArgumentError, InvalidKeyError, InvalidManifestError, InvalidNameError,
  InvalidReferenceError, InvalidStatementError, LimitExceededError, NewerFormatError
} from './errors.ts'
export type { DecodeJsonOptions } from './format/canonical-json.ts'
export type { AuditKeyBody } from './format/eip712.ts'
export type { ParsedReference } from './format/reference.ts'
export type { ErrorDetails } from './errors.ts'
export type { SignedStatement } from './interface/bundle.ts'
export type {
  DatasetManifest, EvidenceManifest, Manifest, ManifestBase, OtherManifest, ResultManifest, TaskManifest
} from './interface/manifest.ts'
export type { Address, Digest, Hex, JsonObject, JsonValue, Reference, Uint256 } from './interface/primitives.ts'
export type { Access, Statement, StatementBody } from './interface/statement.ts'
export type { NetworkSession, TaskReference } from './interface/task.ts'
