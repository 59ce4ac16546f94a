import { DataNodeError, TimedOutError } from '../errors.ts'
import { describeValue } from '../format/argument.ts'
import { parseAddress } from '../format/hex.ts'
import { parseUint256 } from '../format/uint256.ts'
import { referenceCharactersMax } from '../limits.ts'
import { withDeadline } from '../transfer/deadline.ts'
import type { EvidenceBundle, TaskBundle } from '../interface/bundle.ts'
import type { MinerRecord, TaskRecord } from '../interface/chain.ts'
import type { AuditSessionOptions, EvidenceInit, VerifyOptions } from '../interface/data-node.ts'
import type { FetchOptions, PublishOptions } from '../interface/options.ts'
import type { Reference } from '../interface/primitives.ts'
import type { MinerConduct, MissedStep, TaskConduct } from '../interface/session-audit.ts'
import type { Claim, Verdicts } from '../interface/verdict.ts'

/** The calls of the node that judge a task. */
export interface JudgingCalls {
  fetchTaskBundle: (ref: Reference, options: FetchOptions) => Promise<TaskBundle>
  verifyResults: (task: TaskBundle, claims: readonly Claim[], options: VerifyOptions) => Promise<Verdicts>
  publishEvidence: (evidence: EvidenceInit, options: PublishOptions) => Promise<EvidenceBundle>
}

/** How one task is judged. */
export interface AuditTaskOptions extends Omit<AuditSessionOptions, 'chain' | 'signal' | 'taskTimeoutMs'> {
  signal: AbortSignal
}

/** What came of judging a task. */
interface Judged {
  /** CID text. */
  evidence: string
  verdicts: Verdicts
}

/** The steps of a task, and where the chain says when each was taken. */
const steps: readonly (readonly [MissedStep, keyof MinerRecord])[] =
  [['acknowledge', 'acknowledgedAt'], ['precommit', 'precommittedAt'], ['commit', 'committedAt']]

/**
 * Judges one task of a session from what the chain has of it, publishes its evidence, and says what each miner did. What keeps it
 * from being judged is said in place of that.
 *
 * Rejects with the signal's reason only.
 */
export async function auditTask (
  calls: JudgingCalls, record: TaskRecord, taskTimeoutMs: number, options: AuditTaskOptions
): Promise<TaskConduct> {
  const { signal } = options
  try {
    const conduct = conductOf(record)
    const late = (): Error => new TimedOutError(`it was not judged within ${taskTimeoutMs} ms`)
    try {
      const judged = await withDeadline(taskTimeoutMs, signal, late,
        async own => await judge(calls, record, { ...options, signal: own }))
      if (judged !== undefined) note(conduct, judged)
    } catch (error) {
      conduct.problem = reasonOf(error)
    }
    signal.throwIfAborted()
    return conduct
  } catch (error) {
    signal.throwIfAborted()
    const { data, createdAt = '0', ended } = Object(record) as Partial<TaskRecord>
    return { taskId: taskIdOf(record), data: cut(data), createdAt, ended: ended === true, miners: [], problem: reasonOf(error) }
  }
}

/** Whatever a chain's reader gave as a task. */
export function taskIdOf (record: unknown): string {
  const { task } = Object(record) as { task?: unknown }
  const { taskId } = Object(task) as { taskId?: unknown }
  return typeof taskId === 'string' ? taskId : describeValue(taskId)
}

/** Undefined when nobody has committed anything. */
async function judge (calls: JudgingCalls, record: TaskRecord, options: AuditTaskOptions): Promise<Judged | undefined> {
  const claims = claimsOf(record, options)
  if (claims.length === 0) return undefined
  const { readers, retentionMs, ...verify } = options
  const task = await calls.fetchTaskBundle(record.data, verify)
  let verdicts: Verdicts | undefined
  try {
    const { taskId } = record.task
    verdicts = await calls.verifyResults(task, claims, { ...verify, taskId })
    const publish: PublishOptions = { signal: options.signal, ...defined({ readers, retentionMs }) }
    const evidence = await calls.publishEvidence({ task, taskId, verdicts }, publish)
    await evidence.close()
    return { evidence: evidence.cid.toString(), verdicts }
  } finally {
    await task.close()
    await Promise.all((verdicts?.verdicts ?? []).map(async ({ result }) => { await result?.close() }))
  }
}

function note (conduct: TaskConduct, { evidence, verdicts: { verdicts, agreements } }: Judged): void {
  Object.assign(conduct, { evidence, agreements })
  for (const { miner, status, reason, result } of verdicts) {
    const found = conduct.miners.find(conduct => conduct.miner === miner)
    if (found !== undefined) Object.assign(found, { verdict: status, reason, revealed: result !== undefined })
  }
}

/**
 * Who committed first comes first: of two who claim one root, the later one copied. Without `hashOf` a hash says nothing here.
 */
function claimsOf ({ miners }: TaskRecord, { hashOf }: AuditTaskOptions): Claim[] {
  const at = ({ precommittedAt, committedAt }: MinerRecord): bigint => BigInt(precommittedAt ?? committedAt ?? 0)
  return miners.filter(({ data }) => data !== undefined && data !== '')
    .map((record, index) => ({ record, index }))
    .sort((a, b) => Number(at(a.record) - at(b.record)) || a.index - b.index)
    .map(({ record: { miner, data = '', hash } }) => ({ miner, ref: data, ...hashOf === undefined ? {} : defined({ hash }) }))
}

function conductOf ({ task, data, createdAt, finishedAt, ended, miners }: TaskRecord): TaskConduct {
  const taskId = parseUint256(task.taskId, 'taskId')
  const conducts = miners.map(record => minerConduct(record, ended))
  return { taskId, data: cut(data), createdAt, ended, ...defined({ finishedAt }), miners: conducts }
}

function minerConduct (record: MinerRecord, ended: boolean): MinerConduct {
  const { miner, assignedAt, acknowledgedAt, precommittedAt, committedAt, hash, data } = record
  const times = { assignedAt, acknowledgedAt, precommittedAt, committedAt }
  const facts = defined({ ...times, hash, data: data === undefined ? data : cut(data) })
  const missed = ended ? steps.filter(([, at]) => record[at] === undefined).map(([step]) => step) : []
  return { miner: parseAddress(miner), ...facts, revealed: false, missed }
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Without the fields that have no value, which JSON cannot hold. */
function defined<T extends object> (fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>
}

/** A chain has any text, and JSON not. */
function cut (text: unknown): string {
  return (typeof text === 'string' ? text : '').slice(0, referenceCharactersMax).toWellFormed()
}

function reasonOf (error: unknown): string {
  return error instanceof DataNodeError ? error.message : error instanceof Error ? `${error.name}: ${error.message}` : 'it failed'
}
