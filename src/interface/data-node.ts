import type { Anchor } from './anchor.ts'
import type { AuditTrail } from './audit.ts'
import type { Bundle, EvidenceBundle, ExportCarOptions, Readers, ResultBundle, TaskBundle } from './bundle.ts'
import type { TaskReader } from './chain.ts'
import type { Datasets } from './dataset.ts'
import type { Delegation } from './delegation.ts'
import type { ExportEvidenceOptions } from './evidence.ts'
import type { EvidenceForOptions, FoundEvidence } from './evidence-lookup.ts'
import type { Health } from './health.ts'
import type { Hold } from './hold.ts'
import type { OfferOptions, RevealOptions } from './offer.ts'
import type { FetchOptions, HoldOptions, ImportCarOptions, PublishOptions, ReleaseOptions } from './options.ts'
import type { PeerLimits } from './peer-limits.ts'
import type { PeerRules } from './peers.ts'
import type { AbortOptions, Address, Hex, JsonObject, JsonValue, Reference, Uint256 } from './primitives.ts'
import type { ProgressOptions } from './progress.ts'
import type { SessionAudit } from './session-audit.ts'
import type { ByteSource, FileSource } from './source.ts'
import type { RemoteSigner } from './signer.ts'
import type { StorageOptions } from './storage.ts'
import type { CollectOptions, Collected } from './store.ts'
import type { NetworkSession, TaskReference } from './task.ts'
import type { Claim, CompareResults, Verdicts } from './verdict.ts'
import type { VerifyBlocksOptions, VerifyReport } from './verify.ts'

/** Takes one line an event, without a line break. */
export type Logger = (line: string) => void

/** What a data node is made of. */
export interface DataNodeInit {
  /** Directory for repositories; this node's is `<home>/<address>`. `':memory:'` keeps nothing. */
  home: string
  /**
   * The node's secp256k1 key as 64 hexadecimal digits, with or without `0x`; or `'generate'`, which makes one and keeps
   * it in the repository.
   */
  privateKey: string | undefined
  /**
   * A wallet's word that this node speaks for it: as an object, or as its JSON in bytes or text. Then the node's statements count
   * as the wallet's, its results and datasets name the wallet, and it may read what the wallet may. The wallet's key stays
   * where it is: `delegationTypedData` of `cortensor-datanode/verify` gives what it is asked to sign, once.
   */
  delegation?: Delegation | Uint8Array | string
  /**
   * Signs every statement in place of the node's key: the statements are those of its address, which results and datasets name.
   * With it, `delegation` has to be of the same address; it makes this node a reader of what the address may read.
   */
  signer?: RemoteSigner
  /** Nodes to stay connected to: multiaddrs, or `<address>@<host>:<port>`, whose address is checked against the handshake. */
  routers?: readonly string[]
  /** TCP port to listen on (0: chosen by the system), or multiaddrs. Without it no socket is opened. */
  listen?: number | readonly string[]
  /** Multiaddrs to give to others in place of the ones listened on. */
  announce?: readonly string[]
  /**
   * Key of a private network: 32 bytes, their 64 hexadecimal digits, or the text of a `swarm.key` file, as Kubo's. Only nodes
   * that have the same key can connect to one another. It does not tell them apart: that is what `peers` is for.
   */
  networkKey?: Uint8Array | string
  /** Who may connect to this node and whom it dials, by address or peer id; everybody by default. `setPeers` changes it. */
  peers?: PeerRules
  /** What peers may take of this node: connections, streams, requests and answers. */
  limits?: PeerLimits
  /** Bytes a second that this node sends to all peers together, so that the line stays usable. As many as it can by default. */
  uploadBytesPerSecond?: number
  /** Bytes a second that all fetches bring together. As many as they can by default. */
  downloadBytesPerSecond?: number
  /** Which results it takes from miners that want to be sure that they are held; those of its own tasks by default. */
  offers?: OfferOptions
  /** How much of the disk it may take, how carefully it writes, and how long what is published stays. */
  storage?: StorageOptions
  /** Where the newest checkpoint of the audit trail is anchored: that shows anybody since when it is there. Nowhere if absent. */
  anchor?: Anchor
  /**
   * Milliseconds between two checkpoints that are anchored, when something was published between them; each is a transaction.
   * `Infinity`: only those that `audit.anchor()` asks for. An hour by default.
   */
  anchorIntervalMs?: number
  /** Silent by default. */
  logger?: Logger
}

/** A task to publish. */
export interface TaskInit {
  session: NetworkSession
  clientReference?: string
  prompt: JsonValue
  config?: JsonObject
  /** Metadata of the network session. */
  metadata?: JsonObject
  /** Placed below `inputs/`. */
  files?: FileSource[]
  /** Says that the payload is already encrypted. */
  encryption?: { scheme: string, keyId: string }
}

/** An answer to publish. */
export interface ResultInit {
  task: TaskBundle
  taskId: Uint256
  output: JsonValue
  /** Placed below `outputs/`. */
  files?: FileSource[]
  /** Placed below `logs/`. */
  logs?: FileSource[]
  model?: { name: string, digest?: string }
  encryption?: { scheme: string, keyId: string }
}

/** How to publish a result. */
export interface PublishResultOptions extends AbortOptions, ProgressOptions {
  /**
   * `'later'`: stored and named, and served to nobody until `reveal()`. A time: until `reveal()`, or until this node's clock
   * shows it, also after a restart; what is due while the node does not run is revealed when it starts. Publishing the result
   * again says it anew.
   */
  reveal: 'now' | 'later' | Date
  /** By default `'anyone'` for a task that anyone may read, else the task's publisher. */
  readers?: Readers
  /** Lets more peers read it than may read what it links; without it that is an {@link AccessWidenedError}. */
  widen?: boolean
  /** Allows a second, different result for one task. */
  supersede?: boolean
  /** Milliseconds for which it is held, in place of the retention of its kind: `Infinity` until it is released, 0 not at all. */
  retentionMs?: number
  /**
   * Resolves when so many of this node's routers hold it too, as `confirm()` of the handle says. Only with `reveal: 'now'`. By
   * default no other node is asked.
   */
  confirm?: number
  /** Milliseconds after which that is given up, with a {@link NotConfirmedError}. */
  confirmTimeoutMs?: number
}

/** What a result must be to be accepted. */
export interface ExpectedResult {
  task: TaskBundle
  taskId: Uint256
  miner: Address
  /** The 32 bytes of the miner's precommit. */
  hash?: Hex
  hashOf?: HashOf
}

/** What a precommit hash is computed from: the digest of the root, unless the contract's `getHash(urn)` is given here. */
export type HashOf = (urn: string) => Hex | Promise<Hex>

/** How results are judged. */
export interface VerifyOptions extends FetchOptions {
  taskId: Uint256
  hashOf?: HashOf
  /**
   * Milliseconds for each claim to be fetched, from when it is asked for; so long an embargoed result is asked for again. By
   * default five minutes. `hashOf` gets as long.
   */
  claimTimeoutMs?: number
  /** Says which answers agree; by default those with the same content. */
  compare?: CompareResults
  /** The score of `compare` from which two answers agree; 1 by default. */
  agreementScore?: number
  /** Milliseconds for all comparisons together; a minute by default. */
  compareTimeoutMs?: number
}

/** What an oracle keeps of one task. */
export interface EvidenceInit {
  task: TaskBundle
  taskId: Uint256
  verdicts: Verdicts
  /** Scores by miner, or anything else that the oracle found. */
  scores?: JsonObject
  /** Placed below `artifacts/`. */
  artifacts?: FileSource[]
}

/** How to audit a network session. */
export interface AuditSessionOptions extends Omit<VerifyOptions, 'taskId' | 'hold' | 'onProgress'>,
  Pick<PublishOptions, 'readers' | 'retentionMs'> {
  /** Says what happened on chain: the one of `cortensor-datanode/evm`, or any other. */
  chain: TaskReader
  /** Milliseconds for each task to be fetched, judged and published. By default ten minutes. */
  taskTimeoutMs?: number
}

/** Which bundles to list. */
export interface ListFilter {
  kind?: string
  /** Only bundles of this task; an unspecified `taskId` matches every task of the session. */
  task?: NetworkSession & { taskId?: Uint256 }
  revealed?: boolean
  /** Also says what each bundle shares with no other, which looks every block up. */
  sizes?: boolean
}

/** Bundles that are stored, by what they are: all of a kind, of a task, or of a kind for a task. */
export type BundleSelector = Pick<ListFilter, 'kind' | 'task'>

/** A bundle that is on disk and complete. */
export interface BundleInfo {
  cid: string
  kind: string
  origin: 'published' | 'fetched'
  /** True while one of its holds counts. */
  held: boolean
  holds: readonly Hold[]
  revealed: boolean
  /** When it is revealed by itself, in milliseconds since 1970. */
  revealAt?: number
  readers: Readers
  /** Bytes of its blocks. */
  bytes: number
  /** Bytes of those of its blocks that no other bundle has: what would be freed if it went. Only when `sizes` were asked for. */
  ownBytes?: number
  task?: TaskReference
  /** Milliseconds since 1970. */
  storedAt: number
}

/**
 * An IPFS peer inside the host's process.
 *
 * Every call throws an {@link InvalidArgumentError} for an argument that is not of its form, a {@link StoppedError} after
 * `stop()`, and the reason of its signal when that is aborted. What stores a bundle throws a {@link StorageFullError} when
 * there is no room for it, also after everything went that nobody holds.
 */
export interface DataNode extends AsyncDisposable {
  readonly address: Address
  readonly peerId: string
  /** As whose its statements count, and whom its results and datasets name: the wallet that it speaks for, else itself. */
  readonly account: Address
  /** Multiaddrs where this node can be dialled; empty when it opens no socket. */
  readonly multiaddrs: readonly string[]
  readonly datasets: Datasets
  /** The log of all statements that this node has signed. */
  readonly audit: AuditTrail

  /**
   * Publishes a task as a bundle, holds it, and signs that it did. What resolves is on disk; nothing is said about other nodes.
   *
   * @throws {@link SourceUnreadableError}, {@link SourceChangedError} for the files that go in
   * @throws {@link InvalidNameError}, {@link InvalidManifestError}, {@link InvalidArgumentError} for what was given
   * @throws {@link LimitExceededError} when it would be larger than a bundle may be
   * @throws {@link AccessWidenedError} when more peers could read it than may read what it links, unless `widen`; so it is with
   *   everything that is published
   */
  publishTaskBundle(task: TaskInit, options: PublishOptions & { readers: Readers }): Promise<TaskBundle>

  /**
   * Fetches a task completely, every block verified.
   *
   * @throws {@link InvalidReferenceError}, {@link ForeignReferenceError} when `ref` does not name a bundle
   * @throws {@link UnavailableError}, {@link TimedOutError}, {@link CorruptTransferError}, {@link RefusedError} as the fetch ends
   * @throws {@link WrongKindError} when it is not a task
   */
  fetchTaskBundle(ref: Reference, options?: FetchOptions): Promise<TaskBundle>

  /**
   * Publishes the answer to a task. The same answer again gives the same root and the same statement.
   *
   * @throws {@link NotConfirmedError} when `confirm` routers do not hold it in time; it is published all the same, `result()`
   *   finds it, and so does publishing it again
   * @throws {@link AlreadyAnsweredError} when a different result for this task was published before, unless `supersede`; it is
   *   another one also when it names another miner, because the node did not speak for its wallet then
   * @throws {@link WrongDelegationError} when the delegation of this node is over
   * @throws {@link SignerError} when the remote signer cannot sign; nothing is published
   */
  publishResult(result: ResultInit, options: PublishResultOptions): Promise<ResultBundle>

  /**
   * Fetches a result, and accepts it only from the expected miner, for the expected task, with the miner's statement.
   *
   * @throws {@link WrongTaskError}, {@link WrongMinerError}, {@link WrongSignerError}, {@link UnsignedError} when it is
   *   not the expected one
   * @throws {@link UnavailableError}, {@link TimedOutError}, {@link CorruptTransferError}, {@link RefusedError} as the fetch ends
   */
  fetchResult(ref: Reference, expected: ExpectedResult, options?: FetchOptions): Promise<ResultBundle>

  /**
   * Fetches and checks what every miner is said to have answered, side by side: one verdict for each claim, in their
   * order. A claim that fails is a verdict, never an exception. An embargoed result is asked for again until its time is up.
   *
   * Order in time is that of the claims, which should be the chain's: of two miners who claim a root that nobody could read, the
   * later one copied. Where it can be read, it says itself whose it is. The time in a statement decides nothing.
   *
   * The results of the verdicts stay open: close them when they are not needed any more.
   *
   * @throws {@link InvalidArgumentError}, {@link LimitExceededError} when `claims` is not a list, or too long
   * @throws what `hashOf` throws, and {@link TimedOutError} when it does not answer. What `compare` throws is in the result
   */
  verifyResults(task: TaskBundle, claims: readonly Claim[], options: VerifyOptions): Promise<Verdicts>

  /** Publishes one root that links a task, its results and their statements, and holds all of it. It copies nothing. */
  publishEvidence(evidence: EvidenceInit, options?: PublishOptions): Promise<EvidenceBundle>

  /**
   * Writes stored evidence as one file, a CAR, that anybody can check without this node and without a network: `verifyEvidence`
   * of `cortensor-datanode/verify`. Beside the evidence it has the publisher's statement, proofs that logs have it, and receipts
   * of anchors. The same evidence with the same proofs and receipts is the same file.
   *
   * @throws {@link NotStoredError} when it is not stored
   * @throws {@link WrongKindError} when it is no evidence
   * @throws {@link UnsignedError} when nobody is known to have signed it
   * @throws {@link InvalidArgumentError} also when a proof is not one of its statement, or a receipt is of no checkpoint of a
   *   proof
   * @throws {@link InvalidProofError} when the checkpoint that one of `receipts` is of does not have the evidence yet
   * @throws {@link CorruptBlockError} at a block that is damaged on disk
   */
  exportEvidence(ref: Reference, options?: ExportEvidenceOptions): AsyncIterable<Uint8Array>

  /**
   * Finds the evidence on a task whose name is known from the chain: asks the oracle when it is connected, `providers` and the
   * routers of this node, and checks each statement that they tell of. In groups by signer, and of each the newest first, as it
   * claims. Where the signer's own log is followed, or the `oracle` that was named shows it now, it is proven that the log has
   * the statement; where `anchors` are given, that its checkpoint is anchored. What cannot be proven is not said.
   *
   * From there: `open(urn, { providers, hold: true })`, then `exportEvidence(urn, { proofs: [inclusion], receipts })`.
   *
   * @returns an empty list when those who answered know of none that this node may read
   * @throws {@link UnavailableError} when nothing is known here, and nobody answered
   * @throws {@link InvalidArgumentError} when an argument is not of its form
   */
  evidenceFor(task: TaskReference, options?: EvidenceForOptions): Promise<FoundEvidence[]>

  /**
   * Judges every task of a network session, and publishes under one root what was found: who was assigned, acknowledged,
   * precommitted, committed and revealed, and who missed what, with times of the chain, verdicts and agreement; and links the
   * evidence of each task. What of the chain cannot be read, and what cannot be fetched or judged, is in the report, never an
   * exception.
   *
   * A precommit's hash is looked at when `hashOf` says what it is the hash of: the contract's `getHash(urn)`.
   *
   * @throws {@link AccessWidenedError} when `readers` could read more than may be read of a task
   */
  auditSession(session: NetworkSession, options: AuditSessionOptions): Promise<SessionAudit>

  /**
   * Opens any bundle, also plain UnixFS without a manifest, as soon as its manifest is there. Of one that is not stored, what is
   * read is fetched when it is asked for, and no more; `complete()` brings the rest. Until then it is not listed, and what was
   * read stays only as long as there is room. With `hold` it is completed first.
   *
   * @throws {@link InvalidReferenceError}, {@link ForeignReferenceError} when `ref` does not name a bundle
   * @throws {@link UnavailableError}, {@link TimedOutError}, {@link CorruptTransferError}, {@link RefusedError} as the fetch ends
   */
  open(ref: Reference, options?: FetchOptions): Promise<Bundle>

  /**
   * Imports a bundle from a CAR v1 with one root, every block verified, and keeps it as a fetched one. Blocks may stand in any
   * order; those that do not belong to the bundle are dropped, and those that are in this repository may be missing. Nobody may
   * fetch it from this node unless `readers` says so. When it rejects nothing of it is kept, but where it could be read by more
   * than what it links: then it is there, and closed. The source is read once, and is ended when it is not read to its end; what
   * it throws itself is passed on.
   *
   * @throws {@link InvalidMessageError} when it is compressed, is no CAR v1 with one root, has not as many bytes as announced, or
   *   when a block does not hash to its CID
   * @throws {@link NotStoredError} when a block of the bundle is missing
   * @throws {@link MismatchError} when its root is not the expected one
   * @throws {@link LimitExceededError} when it has more than `bytesMax` bytes, or anything in it is larger than it may be
   * @throws {@link InvalidReferenceError}, {@link InvalidDagError}, {@link InvalidManifestError}, {@link NewerFormatError},
   *   {@link InvalidNameError}, {@link FileNotFoundError} when it is no bundle
   * @throws {@link TimedOutError} when no byte comes for `stallTimeoutMs`
   * @throws {@link AccessWidenedError} when more peers could read it than may read what it links, unless `widen`
   * @throws {@link StorageError} when the file system refuses
   */
  importCar(source: ByteSource, options?: ImportCarOptions): Promise<Bundle>

  /**
   * The whole DAG of a stored bundle as a CAR v1: depth first, without duplicates, one root. In pieces of at least 64 KiB but
   * for the last. Nothing is fetched but what is damaged.
   *
   * @throws {@link InvalidReferenceError}, {@link ForeignReferenceError} when `ref` does not name a bundle
   * @throws {@link NotStoredError} when it is not stored
   * @throws {@link CorruptBlockError} at a block that is damaged on disk
   */
  exportCar(ref: Reference, options?: ExportCarOptions): AsyncIterable<Uint8Array>

  /** Lists what is on disk and complete. */
  list(filter?: ListFilter): AsyncIterable<BundleInfo>

  /** Finds this node's own result for a task, also after a restart; undefined when there is none. */
  result(task: TaskReference): Promise<ResultBundle | undefined>

  /**
   * Ends the embargo of a result that is stored, as `reveal()` of its handle does, also after a restart.
   *
   * @throws {@link NotStoredError} when it is not stored
   * @throws {@link WrongKindError} when it is not a result
   * @throws {@link InvalidArgumentError} when `confirm` is more than this node has routers; then nothing is revealed
   * @throws {@link NotConfirmedError} when not so many confirm; it is revealed all the same
   */
  reveal(ref: Reference, options?: RevealOptions): Promise<void>

  /**
   * Keeps a bundle on disk until it is released, or until a time; fetches it first when it is not there. Each owner has one hold
   * on a bundle: holding again puts another time in its place.
   *
   * With a selector it holds every bundle that is stored now and that is selected: results and evidence of a task, and its task
   * bundle when one of these is there.
   *
   * @returns how many bundles are held
   * @throws {@link InvalidReferenceError}, {@link ForeignReferenceError} when `what` does not name a bundle
   * @throws {@link UnavailableError}, {@link TimedOutError}, {@link CorruptTransferError}, {@link RefusedError} as the fetch ends
   * @throws {@link StorageFullError} when there is no room for it
   */
  hold(what: Reference | BundleSelector, options?: HoldOptions): Promise<number>

  /**
   * Ends the hold of an owner. A bundle that nobody holds any more stays until room is needed.
   *
   * @returns how many bundles were held by this owner
   * @throws {@link InvalidReferenceError}, {@link ForeignReferenceError} when `what` does not name a bundle
   * @throws {@link NotStoredError} when the one that is named is not stored
   */
  release(what: Reference | BundleSelector, options?: ReleaseOptions): Promise<number>

  /**
   * Removes what nobody holds, least recently used first. There is no need to: it happens when room is needed. What is
   * embargoed, open, or being published or fetched stays. Other calls go on meanwhile.
   */
  collect(options?: CollectOptions): Promise<Collected>

  /**
   * Reads and hashes every block of one bundle, or of all that are stored. What is damaged goes into quarantine, is fetched
   * again where somebody has it, and is reported.
   *
   * @throws {@link InvalidReferenceError}, {@link ForeignReferenceError} when `ref` does not name a bundle
   * @throws {@link NotStoredError} when it is not stored
   */
  verify(ref?: Reference, options?: VerifyBlocksOptions): Promise<VerifyReport>

  /**
   * Puts other rules in place of those of who may connect, at once and as a whole: a list that is left out is empty of rules from
   * then on. Connections to those that may not connect any more are closed, whatever they carry.
   *
   * @throws {@link InvalidArgumentError} when they are malformed, and nothing changes
   */
  setPeers(rules: PeerRules): void

  /**
   * Notes what a wallet has signed later: that its node does not speak for it any more, or that another one does. From then on
   * the earlier one does not count, whoever shows it; as long as this node runs.
   *
   * @throws {@link InvalidDelegationError}, {@link NewerFormatError}, {@link LimitExceededError} when it is no delegation
   */
  learnDelegation(delegation: Delegation | Uint8Array | string): void

  /** The state of this node now, from memory. */
  health(): Health

  /** Resolves when every router is connected. Without routers that is at once. */
  ready(options?: AbortOptions): Promise<void>

  /**
   * Cuts off running work, which rejects with a {@link StoppedError}, and closes connections and repository. A second call
   * waits for the first.
   */
  stop(): Promise<void>
}
