/**
 * An IPFS node inside every miner, router and oracle process: bundles of files go in and come out by content
 * address, peer to peer, verified block by block.
 *
 * Start with {@link createDataNode}. What moves are {@link Bundle | bundles}: tasks, results, datasets, evidence.
 * Everything that needs no node is in `cortensor-datanode/verify`; an in-memory network for the unit tests of a
 * host is in `cortensor-datanode/testing`.
 *
 * @packageDocumentation
 */
import { buildComponents } from './components.ts'
import { RunningDataNode } from './data-node.ts'
import type { DataNode, DataNodeInit } from './interface/data-node.ts'

/**
 * Boots a data node: opens (or makes) its repository, then its network. It never waits for other nodes and never
 * fails because of them; `health()` names routers that are down, and `ready()` waits for them.
 *
 * @throws {@link KeyMissingError} when no private key is given
 * @throws {@link InvalidKeyError} when the private key or `networkKey` is not one, or the file of the first can be read by others
 * @throws {@link InvalidDelegationError}, {@link WrongDelegationError} when the delegation is none, or does not count now
 * @throws {@link IdentityMismatchError} when the repository belongs to another key
 * @throws {@link RepositoryLockedError} when another node holds the repository
 * @throws {@link RepositoryVersionError} when a newer version of this library wrote the repository
 * @throws {@link StorageError} when the file system refuses
 * @throws {@link ListenError} when the port cannot be listened on
 * @throws {@link InvalidArgumentError} when an option is not what it should be
 */
export async function createDataNode (init: DataNodeInit): Promise<DataNode> {
  return new RunningDataNode(await buildComponents(init))
}

export * from './errors.ts'
export { cidOf, digestOf } from './format/digest.ts'
export { formatTicket, formatUrn, parseReference } from './format/reference.ts'
export type { Anchor, AnchoredCheckpoint, AnchorHealth, AnchorReceipt } from './interface/anchor.ts'
export type * from './interface/append.ts'
export type {
  AuditEntry, AuditFilter, AuditTrail, CheckpointOptions, FollowedTrail, FollowOptions, LogCheckpoint, TrailCheckpoint
} from './interface/audit.ts'
export type * from './interface/bundle.ts'
export type * from './interface/chain.ts'
export type * from './interface/data-node.ts'
export type * from './interface/dataset.ts'
export type * from './interface/dataset-diff.ts'
export type * from './interface/dataset-lineage.ts'
export type * from './interface/dataset-mirror.ts'
export type { ResolvedVersion, ResolveOptions, StatementProof } from './interface/dataset-trail.ts'
export type * from './interface/dataset-version.ts'
export type * from './interface/delegation.ts'
export type { EvidenceLog, ExportEvidenceOptions, ExportPayload, LogProof } from './interface/evidence.ts'
export type { EvidenceForOptions, EvidenceInclusion, FoundEvidence } from './interface/evidence-lookup.ts'
export type * from './interface/health.ts'
export type * from './interface/hold.ts'
export type * from './interface/manifest.ts'
export type { TreeHead } from './interface/merkle.ts'
export type { ConfirmOptions, OfferOptions, OfferStatus, ResultOffer, RevealOptions, RouterAnswer } from './interface/offer.ts'
export type * from './interface/options.ts'
export type { PeerLimits } from './interface/peer-limits.ts'
export type { PeerRules } from './interface/peers.ts'
export type * from './interface/primitives.ts'
export type * from './interface/progress.ts'
export type * from './interface/provenance.ts'
export type { RemoteSigner } from './interface/signer.ts'
export type * from './interface/session-audit.ts'
export type * from './interface/source.ts'
export type * from './interface/statement.ts'
export type * from './interface/storage.ts'
export type { Collected, CollectOptions } from './interface/store.ts'
export type {
  ColumnChange, ColumnCondition, Comparable, DatasetFile, FieldType, FileBlock, RowChange, RowFilter, RowGroup, RowGroupDiff,
  RowShape, RowsOptions, Table, TableDescription, TableDiff, TableDiffOptions, TableField, TableFormat, TableRow, TableValue,
  TypedTable
} from './interface/table.ts'
export type * from './interface/task.ts'
export type * from './interface/verdict.ts'
export type * from './interface/verify.ts'
