import type { Address, Hex, JsonObject } from './primitives.ts'
import type { NetworkSession, TaskReference } from './task.ts'

/** Fields that every manifest has. Unknown fields are kept. */
export interface ManifestBase {
  format: 'cortensor-bundle'
  version: string
  kind: string
  /** Present when the network encrypted the payload before it reached this library. */
  encryption?: { scheme: string, keyId: string }
}

/** The manifest of a task bundle. It does not name the task id: the contract assigns it after the URN was submitted. */
export interface TaskManifest extends ManifestBase {
  kind: 'task'
  session: NetworkSession
  clientReference?: string
  /** 32 bytes; present in restricted bundles, so that the root of a guessable prompt cannot be guessed. */
  nonce?: Hex
}

/** The manifest of a result bundle. */
export interface ResultManifest extends ManifestBase {
  kind: 'result'
  /** CID text of the root of the task bundle that this result answers. */
  answers: string
  task: TaskReference
  miner: Address
  /** 32 bytes derived from the miner's key, the task and the content: it hides answers that could be guessed. */
  nonce: Hex
  model?: { name: string, digest?: string }
}

/** The manifest of one version of a dataset. Its name is scoped to its publisher: `0xabc…/name`. */
export interface DatasetManifest extends ManifestBase {
  kind: 'dataset'
  publisher: Address
  name: string
  /** MAJOR.MINOR.PATCH. */
  datasetVersion: string
  /** CID text of the previous version's root. */
  previous?: string
  /** How its files are cut, where that is not by the import profile: `gear-1`. */
  chunking?: string
}

/** The manifest of an evidence bundle: what an oracle keeps of one task. */
export interface EvidenceManifest extends ManifestBase {
  kind: 'evidence'
  /** CID text of the root of the task bundle. */
  answers: string
  task: TaskReference
}

/** The manifest of the envelope in which evidence is handed over. */
export interface EvidenceExportManifest extends ManifestBase {
  kind: 'evidence-export'
  /** CID text of the root of the evidence bundle. */
  evidence: string
  /** How much of what it links comes with it. */
  payload: 'none' | 'outputs' | 'all'
}

/** The manifest of what was found about all tasks of a network session. */
export interface SessionAuditManifest extends ManifestBase {
  kind: 'session-audit'
  session: NetworkSession
}

/** The manifest of a bundle that has a node's audit trail at one size. */
export interface TrailManifest extends ManifestBase {
  kind: 'trail'
  /** Which log it is: `cortensor-datanode/<address>/<repository id>`. */
  origin: string
}

/** A manifest of a kind that this version does not know. */
export interface OtherManifest extends ManifestBase, Omit<JsonObject, keyof ManifestBase> {}

/** Why a bundle exists; the DAG says what it holds. */
export type Manifest =
  TaskManifest | ResultManifest | DatasetManifest | EvidenceManifest | EvidenceExportManifest | SessionAuditManifest |
  TrailManifest | OtherManifest
