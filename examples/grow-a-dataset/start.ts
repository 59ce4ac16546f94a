// What programs of this story are started with, and what they say to the program that started them. What would stand on chain
// travels here: short strings that name tasks and results. Rows and versions go from node to node.
import type { Address, AffectedFile, DatasetVersion, NetworkSession, RowLineage } from 'cortensor-datanode'
import type { Document, Question } from './questions.ts'

/** What everybody is started with. */
export interface Start { home: string, privateKey: string }

export interface PublisherStart extends Start {
  listen: number
  session: NetworkSession
  documents: Document[]
  miners: Address[]
  /** What comes out of each run of the miners. */
  versions: string[]
  /** At most so many in each answer. */
  questionsMax: number
}
export interface MinerStart extends Start { routers: string[], runs: number, isCheat: boolean }
export interface MirrorStart extends Start { listen: number, routers: string[], dataset: string }
export interface ConsumerStart extends Start { routers: string[], dataset: string, proof?: string }
export interface VerifierStart { proof: string, root: string }

/** Said by the publisher for each task, and told to its miner. */
export interface Assigned { urn: string, taskId: string }

/** Said by a miner for each task, and told to the publisher. */
export interface Answered { urn: string, rows: number }

/** Said by the publisher of each version. */
export interface Published { name: string, rows: number, rowGroups: number, changes?: Changes }

/** What differs between two versions. */
export interface Changes {
  from: string
  to: string
  files: { added: string[], changed: string[], removed: string[] }
  rowGroups: number
  rows: number
}

/** Rows of one result that are not what they should be, and one of them. */
export interface Finding { origin: RowLineage, wrong: number, example: Question }

/** What a miner has made. */
export interface Affected { miner: Address, versions: { version: string, files: readonly AffectedFile[] }[] }

/** Said by a mirror of each version that it holds: bytes that it did not have. */
export interface Held { bytes: number }

/** Said by a consumer. */
export interface Listed { name: string, versions: DatasetVersion[], files: { path: string, bytes: number }[], columns: string[] }
export interface Read { answers: string[], fileBytes: number, bytesFetched: number }
export interface Reading extends Listed, Read {}
export interface Proven { root: string }

/** Said by whoever verifies. */
export interface Verified { bytes: number, rowBytes: number, ms: number, answer: string, refused: string }
