import type { Address } from './primitives.ts'
import type { Statement } from './statement.ts'
import type { TaskReference } from './task.ts'

/** A result that something of a dataset was made from. */
export interface ProvenanceResult {
  /** CID text of the root of the result bundle. */
  root: string
  /** CID text of the root of the task bundle that it answers. */
  answers: string
  task: TaskReference
  miner: Address
  model?: { name: string, digest?: string }
  /** The miner's signed word that it published the result; absent when nobody is known to have signed it. */
  statement?: Statement
}

/** Which results made a file. */
export interface ProvenanceFile {
  /** From the root of the bundle: `data/…`. */
  path: string
  /** Places in the list of results. */
  results: readonly number[]
  /** Those of each row group, in their order. */
  rowGroups?: readonly (readonly number[])[]
  /** Where the file stands in one of these results, when it is linked from there as it is. */
  linked?: { result: number, path: string }
}

/** Who and what made which parts of a version of a dataset. */
export interface Provenance {
  results: readonly ProvenanceResult[]
  files: readonly ProvenanceFile[]
}

/** What is looked for in a provenance. All that is given has to match. */
export interface ProvenanceSelector {
  miner?: Address
  task?: Omit<TaskReference, 'taskId'> & { taskId?: string }
  /** Name of the model, or its digest. */
  model?: string
}
