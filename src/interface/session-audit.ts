import type { Bundle } from './bundle.ts'
import type { MinerRecord } from './chain.ts'
import type { Uint256 } from './primitives.ts'
import type { NetworkSession } from './task.ts'
import type { Agreement, VerdictStatus } from './verdict.ts'

/** A step that an assigned miner did not take before the task ended. */
export type MissedStep = 'acknowledge' | 'precommit' | 'commit'

/** What one miner did for one task: of what it committed at most 4,096 characters. */
export interface MinerConduct extends MinerRecord {
  /** True when its result could be had. */
  revealed: boolean
  /** None while the task goes on. */
  missed: MissedStep[]
  /** Of what it committed; absent where it committed nothing, or the task could not be judged. */
  verdict?: VerdictStatus
  reason?: string
}

/** One task of an audited session. */
export interface TaskConduct {
  taskId: Uint256
  /** What was submitted, at most 4,096 characters of it. */
  data: string
  createdAt: Uint256
  finishedAt?: Uint256
  ended: boolean
  miners: MinerConduct[]
  /** Whose answers agree; absent where it was not judged. */
  agreements?: Agreement[]
  /** CID text of its evidence, linked as `tasks/<taskId>`; absent where there is nothing to judge, or it was not judged. */
  evidence?: string
  /** A sentence that says why it was not judged. */
  problem?: string
}

/** How a network session went: `report.json` of the bundle. */
export interface SessionReport {
  session: NetworkSession
  /** In the order of the chain. */
  tasks: TaskConduct[]
  /** Sentences that say what of the chain could not be read: then tasks may be missing. */
  problems: string[]
}

/** An audited network session. */
export interface SessionAudit {
  /** Of kind `session-audit`: `report.json`, `README.md` with the same as a table, and the evidence of each task. */
  bundle: Bundle
  report: SessionReport
}
