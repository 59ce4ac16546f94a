/** Every error that this library throws. Told apart by `name`; the message says what to do. */

/** What an error may carry beside its message. */
export interface ErrorDetails {
  cause?: unknown
  [field: string]: unknown
}

/** Base of every error of this library. */
export abstract class DataNodeError extends Error {
  /** Stable, for logs and for hosts in other languages. */
  abstract readonly code: string
  /** True when the same call may succeed later without any change. */
  readonly retryable: boolean = false
  /** What the error is about, by name. Never a key. */
  readonly details: Readonly<Record<string, unknown>>

  constructor (message: string, { cause, ...details }: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.details = details
  }
}

/** Thrown when an argument is not what the call takes. */
export class InvalidArgumentError extends DataNodeError {
  override readonly name = 'InvalidArgumentError'
  readonly code = 'ERR_INVALID_ARGUMENT'
}

/** Thrown when no private key was given. */
export class KeyMissingError extends DataNodeError {
  override readonly name = 'KeyMissingError'
  readonly code = 'ERR_KEY_MISSING'
}

/** Thrown when a private key is not one, or when its file can be read by others. Never shows the key. */
export class InvalidKeyError extends DataNodeError {
  override readonly name = 'InvalidKeyError'
  readonly code = 'ERR_INVALID_KEY'
}

/** Thrown when a repository belongs to another key. */
export class IdentityMismatchError extends DataNodeError {
  override readonly name = 'IdentityMismatchError'
  readonly code = 'ERR_IDENTITY_MISMATCH'
}

/** Thrown when a repository is held by another node. */
export class RepositoryLockedError extends DataNodeError {
  override readonly name = 'RepositoryLockedError'
  readonly code = 'ERR_REPOSITORY_LOCKED'
  override readonly retryable = true
}

/** Thrown when a repository was written by a newer version of this library. */
export class RepositoryVersionError extends DataNodeError {
  override readonly name = 'RepositoryVersionError'
  readonly code = 'ERR_REPOSITORY_VERSION'
}

/** Thrown when the file system refuses: the path and the system's own error are in it. */
export class StorageError extends DataNodeError {
  override readonly name = 'StorageError'
  readonly code = 'ERR_STORAGE'
  override readonly retryable = true
}

/** Thrown when a stored block does not hash to its CID. */
export class CorruptBlockError extends DataNodeError {
  override readonly name = 'CorruptBlockError'
  readonly code = 'ERR_CORRUPT_BLOCK'
}

/** Thrown when a block or bundle is not in this node's repository. */
export class NotStoredError extends DataNodeError {
  override readonly name = 'NotStoredError'
  readonly code = 'ERR_NOT_STORED'
}

/** Thrown when a string or CID does not name a bundle. */
export class InvalidReferenceError extends DataNodeError {
  override readonly name = 'InvalidReferenceError'
  readonly code = 'ERR_INVALID_REFERENCE'
}

/** Thrown when a reference names another storage system; `details.scheme` says which. */
export class ForeignReferenceError extends DataNodeError {
  override readonly name = 'ForeignReferenceError'
  readonly code = 'ERR_FOREIGN_REFERENCE'
}

/** Thrown when a manifest, or JSON of a bundle, is not in its one valid form. */
export class InvalidManifestError extends DataNodeError {
  override readonly name = 'InvalidManifestError'
  readonly code = 'ERR_INVALID_MANIFEST'
}

/** Thrown when something was written in a newer major version of its format. */
export class NewerFormatError extends DataNodeError {
  override readonly name = 'NewerFormatError'
  readonly code = 'ERR_NEWER_FORMAT'
}

/** Thrown when a statement is malformed or its signature is not valid. */
export class InvalidStatementError extends DataNodeError {
  override readonly name = 'InvalidStatementError'
  readonly code = 'ERR_INVALID_STATEMENT'
}

/** Thrown when a signed note, or a key that notes are verified with, is malformed. */
export class InvalidNoteError extends DataNodeError {
  override readonly name = 'InvalidNoteError'
  readonly code = 'ERR_INVALID_NOTE'
}

/** Thrown when the text of a note is not a checkpoint. */
export class InvalidCheckpointError extends DataNodeError {
  override readonly name = 'InvalidCheckpointError'
  readonly code = 'ERR_INVALID_CHECKPOINT'
}

/** Thrown when the name or the bytes of a tile are malformed. */
export class InvalidTileError extends DataNodeError {
  override readonly name = 'InvalidTileError'
  readonly code = 'ERR_INVALID_TILE'
}

/** Thrown when an audit trail on disk is not what its last checkpoint says. Nothing is appended to it any more. */
export class DamagedTrailError extends DataNodeError {
  override readonly name = 'DamagedTrailError'
  readonly code = 'ERR_DAMAGED_TRAIL'
}

/**
 * Thrown when an anchor does not write or read now: nobody answers, the account cannot pay, or the answers contradict each other.
 * What waits to be anchored is not forgotten.
 */
export class AnchorError extends DataNodeError {
  override readonly name = 'AnchorError'
  readonly code = 'ERR_ANCHOR'
  override readonly retryable = true
}

/** Thrown when a task ended on chain before this miner had committed its answer. */
export class TaskOverError extends DataNodeError {
  override readonly name = 'TaskOverError'
  readonly code = 'ERR_TASK_OVER'
}

/**
 * Thrown when others hold a checkpoint of this node's trail that is ahead of it: the trail was restored from a backup, or another
 * process runs with the same key and a copy of the repository. Nothing is appended any more. `details` has `size`, that of this
 * trail, and `seen`, that of the checkpoint, with `witness`, who holds it.
 */
export class StaleTrailError extends DataNodeError {
  override readonly name = 'StaleTrailError'
  readonly code = 'ERR_STALE_TRAIL'
}

/**
 * Thrown when a node signed two checkpoints of one log that cannot both be true. `details` has `origin`, which log; `earlier` and
 * `later`, the signed notes as text; and `fork`, the proof as `decodeFork` of `cortensor-datanode/verify` reads it.
 */
export class ForkedTrailError extends DataNodeError {
  override readonly name = 'ForkedTrailError'
  readonly code = 'ERR_FORKED_TRAIL'
}

/** Thrown when a file that should prove that a log was told in two ways is malformed, or proves nothing. */
export class InvalidForkError extends DataNodeError {
  override readonly name = 'InvalidForkError'
  readonly code = 'ERR_INVALID_FORK'
}

/** Thrown when an audit key is malformed or its signature is not valid. */
export class InvalidAuditKeyError extends DataNodeError {
  override readonly name = 'InvalidAuditKeyError'
  readonly code = 'ERR_INVALID_AUDIT_KEY'
}

/** Thrown when a remote signer fails, is too late, or gives a signature that is not its own. Nothing was published. */
export class SignerError extends DataNodeError {
  override readonly name = 'SignerError'
  readonly code = 'ERR_SIGNER'
  override readonly retryable = true
}

/** Thrown when bytes or fields are not a delegation, or its signature is not valid. */
export class InvalidDelegationError extends DataNodeError {
  override readonly name = 'InvalidDelegationError'
  readonly code = 'ERR_INVALID_DELEGATION'
}

/** Thrown when a delegation does not let this node speak for a wallet: it names another node, or does not count at this time. */
export class WrongDelegationError extends DataNodeError {
  override readonly name = 'WrongDelegationError'
  readonly code = 'ERR_WRONG_DELEGATION'
}

/** Thrown when a signature by the expected key is not one of the text beside it: one of them was changed. */
export class InvalidSignatureError extends DataNodeError {
  override readonly name = 'InvalidSignatureError'
  readonly code = 'ERR_INVALID_SIGNATURE'
}

/** Thrown when a checkpoint or an audit key is of another log than the expected one; `details` has `expected` and `actual`. */
export class WrongOriginError extends DataNodeError {
  override readonly name = 'WrongOriginError'
  readonly code = 'ERR_WRONG_ORIGIN'
}

/**
 * Thrown when a proof cannot be one of its tree: it has more or fewer hashes than that needs (`details` has `expected` and
 * `actual`), or names an entry that the tree does not have.
 */
export class InvalidProofError extends DataNodeError {
  override readonly name = 'InvalidProofError'
  readonly code = 'ERR_INVALID_PROOF'
}

/**
 * Thrown when a proof leads to another root than that of its tree: something was changed, or it is of another tree. `details`
 * has `expected` and `actual`.
 */
export class ProofMismatchError extends DataNodeError {
  override readonly name = 'ProofMismatchError'
  readonly code = 'ERR_PROOF_MISMATCH'
}

/**
 * Thrown when a tree that should continue another one is smaller than it: a log that went back. `details` has `earlier` and
 * `later`.
 */
export class SmallerTreeError extends DataNodeError {
  override readonly name = 'SmallerTreeError'
  readonly code = 'ERR_SMALLER_TREE'
}

/**
 * Thrown when a file of evidence is broken: changed, incomplete, or not what it says it is. `details.claim` names what does not
 * hold because of it ({@link verify.EvidenceClaimCode | EvidenceClaimCode}), `details.path` where in the envelope that stands.
 */
export class InvalidEvidenceError extends DataNodeError {
  override readonly name = 'InvalidEvidenceError'
  readonly code = 'ERR_INVALID_EVIDENCE'
}

/** Thrown when a wire message or a CAR is malformed. */
export class InvalidMessageError extends DataNodeError {
  override readonly name = 'InvalidMessageError'
  readonly code = 'ERR_INVALID_MESSAGE'
}

/** Thrown when a DAG is not what a bundle may be: bad UnixFS, sizes that lie, links that are not allowed. */
export class InvalidDagError extends DataNodeError {
  override readonly name = 'InvalidDagError'
  readonly code = 'ERR_INVALID_DAG'
}

/** Thrown when a name cannot be part of a bundle, or cannot be written to disk safely. */
export class InvalidNameError extends DataNodeError {
  override readonly name = 'InvalidNameError'
  readonly code = 'ERR_INVALID_NAME'
}

/** Thrown when a bound of `limits.ts` or of an option is exceeded; `details` has `limit`, `max` and `actual`. */
export class LimitExceededError extends DataNodeError {
  override readonly name = 'LimitExceededError'
  readonly code = 'ERR_LIMIT_EXCEEDED'
}

/** Thrown when a file to publish is missing, unreadable, or neither a file nor a directory. */
export class SourceUnreadableError extends DataNodeError {
  override readonly name = 'SourceUnreadableError'
  readonly code = 'ERR_SOURCE_UNREADABLE'
}

/** Thrown when a file changed while it was being published. */
export class SourceChangedError extends DataNodeError {
  override readonly name = 'SourceChangedError'
  readonly code = 'ERR_SOURCE_CHANGED'
  override readonly retryable = true
}

/** Thrown when a file is not the table that its name says; `details` has its `path`, and the `line` where it is text. */
export class InvalidTableError extends DataNodeError {
  override readonly name = 'InvalidTableError'
  readonly code = 'ERR_INVALID_TABLE'
}

/** Thrown when a package is needed that a host installs itself; `details.package` names it. */
export class PackageMissingError extends DataNodeError {
  override readonly name = 'PackageMissingError'
  readonly code = 'ERR_PACKAGE_MISSING'
}

/** Thrown when a path is not in a bundle. */
export class FileNotFoundError extends DataNodeError {
  override readonly name = 'FileNotFoundError'
  readonly code = 'ERR_FILE_NOT_FOUND'
}

/** Thrown when the network encrypted a payload, and its plain form is asked for. */
export class EncryptedPayloadError extends DataNodeError {
  override readonly name = 'EncryptedPayloadError'
  readonly code = 'ERR_ENCRYPTED_PAYLOAD'
}

/** Thrown when a bundle is of another kind than the call is for. */
export class WrongKindError extends DataNodeError {
  override readonly name = 'WrongKindError'
  readonly code = 'ERR_WRONG_KIND'
}

/** Thrown when what was delivered is not what was committed to; `details` has `expected` and `actual`. */
export class MismatchError extends DataNodeError {
  override readonly name = 'MismatchError'
  readonly code = 'ERR_MISMATCH'
}

/** Thrown when a result belongs to another task than the expected one. */
export class WrongTaskError extends DataNodeError {
  override readonly name = 'WrongTaskError'
  readonly code = 'ERR_WRONG_TASK'
}

/** Thrown when a result's manifest names another miner than the expected one. */
export class WrongMinerError extends DataNodeError {
  override readonly name = 'WrongMinerError'
  readonly code = 'ERR_WRONG_MINER'
}

/** Thrown when statements were found, or an audit key, and none is signed by the expected address. */
export class WrongSignerError extends DataNodeError {
  override readonly name = 'WrongSignerError'
  readonly code = 'ERR_WRONG_SIGNER'
}

/** Thrown when a bundle must be signed and no statement for it was found, or when a note is not signed by the expected key. */
export class UnsignedError extends DataNodeError {
  override readonly name = 'UnsignedError'
  readonly code = 'ERR_UNSIGNED'
}

/** Thrown when a different result for the same task was published before; `details.first` is its URN. */
export class AlreadyAnsweredError extends DataNodeError {
  override readonly name = 'AlreadyAnsweredError'
  readonly code = 'ERR_ALREADY_ANSWERED'
}

/**
 * Thrown when more peers could read a bundle than may read one that it links. `details` has `root`, the one, and `linked`, the
 * other; `readers` and `linkedReaders`; and `embargoed`, true when nobody may read the linked one yet.
 */
export class AccessWidenedError extends DataNodeError {
  override readonly name = 'AccessWidenedError'
  readonly code = 'ERR_ACCESS_WIDENED'
}

/**
 * Thrown when not as many routers as asked for hold a result in time. It is published here all the same. `details` has `urn`,
 * `confirmedBy`, `needed`, and `routers`, which says of each what it said ({@link index.RouterAnswer | RouterAnswer}).
 */
export class NotConfirmedError extends DataNodeError {
  override readonly name = 'NotConfirmedError'
  readonly code = 'ERR_NOT_CONFIRMED'
  override readonly retryable = true
}

/** Thrown when nobody who was asked has the bundle; `details.attempts` says who was asked and what each said. */
export class UnavailableError extends DataNodeError {
  override readonly name = 'UnavailableError'
  readonly code = 'ERR_UNAVAILABLE'
  override readonly retryable = true
}

/** Thrown when a fetch made no progress in time. */
export class TimedOutError extends DataNodeError {
  override readonly name = 'TimedOutError'
  readonly code = 'ERR_TIMED_OUT'
  override readonly retryable = true
}

/** Thrown when a provider sent something that is not what was asked for; `details.peer` names it. */
export class CorruptTransferError extends DataNodeError {
  override readonly name = 'CorruptTransferError'
  readonly code = 'ERR_CORRUPT_TRANSFER'
}

/** Thrown when a provider said no: busy, or a request that it calls bad. */
export class RefusedError extends DataNodeError {
  override readonly name = 'RefusedError'
  readonly code = 'ERR_REFUSED'
  override readonly retryable = true
}

/** Thrown when a peer cannot be reached, or is not the one that was expected. */
export class PeerUnreachableError extends DataNodeError {
  override readonly name = 'PeerUnreachableError'
  readonly code = 'ERR_PEER_UNREACHABLE'
  override readonly retryable = true
}

/** Thrown when a peer that is dialled is of another private network than this node, or of none: it has another `networkKey`. */
export class NetworkKeyMismatchError extends DataNodeError {
  override readonly name = 'NetworkKeyMismatchError'
  readonly code = 'ERR_NETWORK_KEY_MISMATCH'
}

/**
 * Thrown when no endpoint of a chain answered, or what they answered is none. `details.attempts` says who was asked, by host, and
 * what each did; never a whole URL, which may have a key in it.
 */
export class ChainError extends DataNodeError {
  override readonly name: string = 'ChainError'
  readonly code: string = 'ERR_CHAIN'
  override readonly retryable: boolean = true
}

/**
 * Thrown when a contract refuses a call: the same call does no better until the contract has changed. `details.reason` is what
 * it said, in quotes, and `details.data` what it returned, such as an error of its own, where there are any. It is a
 * {@link ChainError}, too.
 */
export class RevertedError extends ChainError {
  override readonly name = 'RevertedError'
  override readonly code = 'ERR_REVERTED'
  override readonly retryable = false
}

/** Thrown when this node's own `peers` rules keep it from a peer; `details.peer` names it. */
export class PeerDeniedError extends DataNodeError {
  override readonly name = 'PeerDeniedError'
  readonly code = 'ERR_PEER_DENIED'
}

/** Thrown when a call reaches a node that was stopped. */
export class StoppedError extends DataNodeError {
  override readonly name = 'StoppedError'
  readonly code = 'ERR_STOPPED'
}

/** Thrown when a node cannot listen on an address that it was given; `details.addresses` has them. */
export class ListenError extends DataNodeError {
  override readonly name = 'ListenError'
  readonly code = 'ERR_LISTEN'
}

/**
 * Thrown when there is no room for what is to be written, also after everything went that may go. `details` has `needed`,
 * `used` and `limit` (files where `reason` is `files`, bytes otherwise), and in bytes `held`, `evictable` and `free`.
 */
export class StorageFullError extends DataNodeError {
  override readonly name = 'StorageFullError'
  readonly code = 'ERR_STORAGE_FULL'
  override readonly retryable = true
}

/** Thrown when a `provenance.json` is not one. */
export class InvalidProvenanceError extends DataNodeError {
  override readonly name = 'InvalidProvenanceError'
  readonly code = 'ERR_INVALID_PROVENANCE'
}

/** Thrown when the number of a version says less than what changed; `details` has `required` and what was found. */
export class VersionRuleError extends DataNodeError {
  override readonly name = 'VersionRuleError'
  readonly code = 'ERR_VERSION_RULE'
}

/** Thrown when a version of a dataset is there already, or its predecessor has another successor; `details.cid` names it. */
export class VersionTakenError extends DataNodeError {
  override readonly name = 'VersionTakenError'
  readonly code = 'ERR_VERSION_TAKEN'
}

/**
 * Thrown when a publisher signed two versions of a dataset that exclude each other; `details.equivocations` has both
 * statements.
 */
export class EquivocationError extends DataNodeError {
  override readonly name = 'EquivocationError'
  readonly code = 'ERR_EQUIVOCATION'
}

/** Thrown when `croissant.json` of a dataset is not what it has to be. */
export class InvalidCroissantError extends DataNodeError {
  override readonly name = 'InvalidCroissantError'
  readonly code = 'ERR_INVALID_CROISSANT'
}
