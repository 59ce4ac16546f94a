import type { CID } from 'multiformats/cid'
import type { RowLineage } from './append.ts'
import type { SignedDelegation } from './delegation.ts'
import type { Manifest, DatasetManifest, EvidenceManifest, ResultManifest, TaskManifest } from './manifest.ts'
import type { HoldInit } from './hold.ts'
import type { ConfirmOptions, RevealOptions } from './offer.ts'
import type { AbortOptions, Address, Digest, JsonValue } from './primitives.ts'
import type { ProgressOptions } from './progress.ts'
import type { ReadOptions } from './read.ts'
import type { Access, Statement } from './statement.ts'
import type { DatasetFile, RowShape, Table, TypedTable } from './table.ts'
import type { TaskReference } from './task.ts'

export type { ReadOptions } from './read.ts'

/**
 * Who may fetch a bundle from this node: everyone, the peers with these addresses, or those for whom a function says so. The last
 * two are `restricted` to everybody else.
 */
export type Readers = 'anyone' | readonly Address[] | ReaderRule

/**
 * Decides at each request whether this peer may read. Whatever is too slow, throws, or gives no boolean is a no. It is not kept
 * across restarts: then the bundle is closed until its readers are set again, and `health()` says so.
 */
export type ReaderRule = (peer: ReaderPeer) => boolean | Promise<boolean>

/** A peer as the handshake proved it. */
export interface ReaderPeer {
  address: Address
  /** The wallet that it speaks for, by a delegation that it has shown and that counts now. */
  wallet?: Address
  peerId: string
}

/** How to say who may read. */
export interface SetReadersOptions {
  /** Lets more peers read it than may read what it links. */
  widen?: boolean
}

/** A statement together with the address that signed it. */
export interface SignedStatement {
  statement: Statement
  signer: Address
}

/** A file or directory inside a bundle. */
export interface BundleEntry {
  /** From the root of the bundle, with `/` between names. */
  path: string
  type: 'file' | 'directory'
  /** Content bytes of a file; 0 for a directory. */
  size: bigint
  cid: CID
}

/** How to write a bundle's files to a directory. */
export interface SaveOptions extends AbortOptions, ProgressOptions {}

/** How to write a bundle as a CAR. */
export interface ExportCarOptions extends AbortOptions, ProgressOptions {}

/** How to bring the rest of a bundle that was opened. Who is asked was said when it was. */
export interface CompleteOptions extends AbortOptions, ProgressOptions {
  /** Milliseconds without progress after which the fetch is given up. */
  stallTimeoutMs?: number
  /** More bytes than this are refused, at the header where the size is known. */
  bytesMax?: number
  /** Holds the bundle once it is complete, until it is released or as is said; without it, it is cached. */
  hold?: boolean | HoldInit
}

/**
 * A handle on one bundle. While it is open, its bundle stays on disk. Closing it releases nothing that is held.
 *
 * @typeParam M - the shape of its manifest
 */
export interface Bundle<M extends Manifest | undefined = Manifest | undefined> extends AsyncDisposable {
  readonly cid: CID
  readonly digest: Digest
  /** `urn:blob:v2:ipfs:<cid>`, at most 95 bytes: for string fields on chain. */
  readonly urn: string
  /** `ipfs://<cid>?provider=…`, at most 2 KiB: for channels off chain. It names where this node can be dialled, if anywhere. */
  readonly ticket: string
  /** Undefined when the root is plain UnixFS without a manifest. */
  readonly manifest: M
  /** The publisher's intent, or `anyone` where nothing is known. */
  readonly access: Access
  /** Statements found for this root, each with a checked signature. Empty: nobody is known to have signed it. */
  readonly statements: readonly SignedStatement[]
  /** Delegations found for those who signed, each with a checked signature: of the wallets as whose the statements count. */
  readonly delegations: readonly SignedDelegation[]
  /**
   * Bytes of the blocks that came from other nodes for this handle since it was opened, each counted when it is verified: by
   * now, while something is read, and also of what failed. Of a bundle that was stored 0, unless a damaged block of it is brought
   * again. What another handle or fetch asked for first at the same time is counted there.
   */
  readonly bytesFetched: number

  /**
   * Lists files and directories, depth first, names in the order of the DAG.
   *
   * @throws {@link FileNotFoundError} when `path` is not in the bundle
   */
  files(path?: string, options?: AbortOptions): AsyncIterable<BundleEntry>

  /**
   * Reads a whole file, or a part of it, into memory.
   *
   * @throws {@link FileNotFoundError} when `path` is not a file in the bundle
   * @throws {@link LimitExceededError} when the bytes asked for are more than `bytesMax` (64 MiB unless said)
   */
  bytes(path: string, options?: ReadOptions & { bytesMax?: number }): Promise<Uint8Array<ArrayBuffer>>

  /**
   * Reads a file piece by piece, as it is asked for.
   *
   * @throws {@link FileNotFoundError} when `path` is not a file in the bundle
   */
  stream(path: string, options?: ReadOptions): AsyncIterable<Uint8Array>

  /**
   * Writes every file below `directory`, never outside of it, and never a half-written file under its final name.
   *
   * @throws {@link InvalidNameError} when a name cannot be written safely: before anything is, unless it is something in the
   *   target that is in the way
   */
  saveTo(directory: string, options?: SaveOptions): Promise<void>

  /**
   * The whole DAG as a CAR v1: depth first, without duplicates, one root. In pieces of at least 64 KiB but for the last.
   */
  exportCar(options?: ExportCarOptions): AsyncIterable<Uint8Array>

  /**
   * Fetches what is missing of a bundle that was opened, checks it, and stores it as fetching it would have. Nothing that was
   * read already is fetched again. A bundle that is stored is only held, where that is asked for.
   *
   * @throws what fetching throws; the handle can be read on, and asked again
   */
  complete(options?: CompleteOptions): Promise<void>
  /**
   * Says who may fetch this bundle from this node from now on: from the next request of each peer. To name fewer than now is
   * never refused.
   *
   * @throws {@link AccessWidenedError} when more peers could read it than may read what it links, unless `widen`
   */
  setReaders(readers: Readers, options?: SetReadersOptions): Promise<void>

  /** Lets go of the bundle. */
  close(): Promise<void>
}

/** A task as the miners get it. */
export interface TaskBundle extends Bundle<TaskManifest> {
  /** @throws {@link EncryptedPayloadError} on access, when the manifest says that the payload is encrypted */
  readonly prompt: JsonValue
  readonly config: JsonValue
  readonly session: JsonValue
}

/** A miner's answer to a task. */
export interface ResultBundle extends Bundle<ResultManifest> {
  /** @throws {@link EncryptedPayloadError} on access, when the manifest says that the payload is encrypted */
  readonly output: JsonValue
  readonly task: TaskReference
  readonly miner: Address
  /** False while the bundle is embargoed on this node. */
  readonly revealed: boolean
  /**
   * Ends the embargo: from now on the bundle is served to its readers. With `confirm` it also waits as {@link confirm} does.
   *
   * @throws {@link InvalidArgumentError} when `confirm` is more than this node has routers; then nothing is revealed
   * @throws {@link NotConfirmedError} when not so many confirm; it is revealed all the same
   */
  reveal(options?: RevealOptions): Promise<void>
  /**
   * Offers the revealed result to this node's routers, and resolves when so many of them have fetched and checked it and hold it
   * on disk: from then on it is delivered, whatever happens to this node. By default a router takes it when it published and
   * holds the task and named this node as one of its readers; it holds it as long as results of its own. That it does is its
   * word, and no proof. It may be called again, also when routers confirmed before: these answer at once.
   *
   * @returns the addresses of the routers that hold it
   * @throws {@link NotConfirmedError} when not so many hold it in time, or as soon as the others have refused for good
   * @throws {@link InvalidArgumentError} when this node has not so many routers, or the result is not revealed
   */
  confirm(routers: number, options?: ConfirmOptions): Promise<readonly Address[]>
}

/** One version of a dataset. */
export interface DatasetBundle extends Bundle<DatasetManifest> {
  /** `0xabc…/name@1.0.0`. */
  readonly name: string

  /**
   * Finds a file, and reads nothing of its content.
   *
   * @param path - from the root of the bundle: `data/…`
   * @throws {@link FileNotFoundError} when it is not a file in the bundle
   */
  file(path: string, options?: AbortOptions): Promise<DatasetFile>

  /**
   * Opens a Parquet, JSON Lines or CSV file as a table. Of a bundle that is not stored, only what is read of it is fetched.
   *
   * @param path - from the root of the bundle: `data/…`
   * @throws {@link FileNotFoundError} when it is not a file in the bundle
   * @throws {@link InvalidTableError} when the file is no table by its name, or not what that says
   * @throws {@link PackageMissingError} when it is Parquet, and the package `hyparquet` is not installed
   */
  table(path: string, options?: AbortOptions): Promise<Table>
  /** The same, for rows of a type that you know: that they are so is your word, and nothing checks it. */
  table<Row extends RowShape<Row>>(path: string, options?: AbortOptions): Promise<TypedTable<Row>>

  /**
   * Reads which rows of a table came from which result, in the order of the rows. It is what the publisher says, and is known of
   * tables that rows were appended to: `datasets.reproduce()` finds out whether these results have these rows.
   *
   * @param path - of the table, from the root of the bundle: `data/…`
   * @throws {@link FileNotFoundError} when the bundle has no such table, or does not say where its rows came from
   * @throws {@link InvalidProvenanceError} when a line is not what it should be, or rows are left out; `details.line` names it
   * @throws {@link LimitExceededError} when there are more lines than one version may be appended from
   */
  lineage(path: string, options?: AbortOptions): AsyncIterable<RowLineage>

  /**
   * Makes the proof that a table has a row, of a few KiB beside the row: anybody checks it by `verifyRow()`, with the root of
   * this version and without a node. It says what the publisher said of the table; reading it all shows that the table is so,
   * and that is done here.
   *
   * @param path - of the table, from the root of the bundle: `data/…`
   * @param row - its place in the table, from 0
   * @throws {@link FileNotFoundError} when the dataset was not published with `provable`, or has no such table
   * @throws {@link InvalidArgumentError} when the table has no such row
   * @throws {@link MismatchError} when the table has not the rows that its publisher said it has
   */
  proveRow(path: string, row: number, options?: AbortOptions): Promise<Uint8Array>
}

/** What an oracle keeps of one task. */
export interface EvidenceBundle extends Bundle<EvidenceManifest> {}
