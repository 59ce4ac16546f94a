import { isPublic } from '../bundle/check-widening.ts'
import { parseSession } from '../bundle/task-reference.ts'
import { checkNumber, checkOptions, invalidArgument } from '../format/argument.ts'
import { encodeCanonicalJson } from '../format/canonical-json.ts'
import { forEachConcurrent } from '../format/concurrent.ts'
import { manifestVersion } from '../format/manifest.ts'
import { parseReference } from '../format/reference.ts'
import { datasetEntriesMax, sessionTasksConcurrency, sessionTasksMax, sessionTaskTimeoutMsDefault, timerMsMax } from '../limits.ts'
import { untilAborted } from '../format/until-aborted.ts'
import { auditTask, taskIdOf } from './audit-task.ts'
import { sessionTable } from './session-table.ts'
import type { BundleInit } from '../bundle/publish.ts'
import type { Bundle } from '../interface/bundle.ts'
import type { TaskReader, TaskRecord } from '../interface/chain.ts'
import type { SessionAuditManifest } from '../interface/manifest.ts'
import type { PublishOptions } from '../interface/options.ts'
import type { JsonValue } from '../interface/primitives.ts'
import type { AuditSessionOptions } from '../interface/data-node.ts'
import type { SessionAudit, SessionReport, TaskConduct } from '../interface/session-audit.ts'
import type { Store } from '../interface/store.ts'
import type { NetworkSession } from '../interface/task.ts'
import type { JudgingCalls } from './audit-task.ts'

/** What auditing a session needs from the node. */
export interface AuditSessionComponents {
  calls: JudgingCalls
  publish: (init: BundleInit, options: PublishOptions) => Promise<Bundle>
  store: Pick<Store, 'record'>
}

/**
 * Checks what a host gave.
 *
 * @throws {@link InvalidArgumentError} when `chain` reads no tasks, or an option is not of its form
 */
export function checkAuditOptions (options: unknown): asserts options is AuditSessionOptions {
  checkOptions(options)
  const { chain, taskTimeoutMs } = options as Partial<AuditSessionOptions>
  const { readTasks } = Object(chain) as Partial<TaskReader>
  if (typeof readTasks !== 'function') throw invalidArgument('chain', 'a reader of tasks', chain)
  checkNumber(taskTimeoutMs, 'taskTimeoutMs', { min: 1, max: timerMsMax })
}

/**
 * Reads all tasks of a session from the chain, judges each, and publishes what was found under one root. What cannot be read,
 * fetched or judged is in the report.
 *
 * @throws {@link InvalidArgumentError} when `session` is none
 * @throws what publishing the report throws, and the signal's reason
 */
export async function auditSession (
  components: AuditSessionComponents, given: NetworkSession, options: AuditSessionOptions & { signal: AbortSignal }
): Promise<SessionAudit> {
  const session = parseSession(given, 'session')
  const { chain, taskTimeoutMs = sessionTaskTimeoutMsDefault, ...rest } = options
  const report: SessionReport = { session, tasks: [], problems: [] }
  const records = readAll(chain, report, options.signal)
  await forEachConcurrent(records, sessionTasksConcurrency, async ({ index, record }) => {
    report.tasks[index] = await auditTask(components.calls, record, taskTimeoutMs, rest)
  })
  options.signal.throwIfAborted()
  const { readers, retentionMs, signal } = options
  const publish = { signal, ...retentionMs === undefined ? {} : { retentionMs } }
  return { report, bundle: await components.publish(bundleInit(components, report, readers), publish) }
}

/** Each task once. What goes wrong with the chain ends it, and is said. */
async function * readAll (
  chain: TaskReader, { session, problems }: SessionReport, signal: AbortSignal
): AsyncGenerator<{ index: number, record: TaskRecord }> {
  const known = new Set<string>()
  try {
    const records = chain.readTasks(session, { signal })[Symbol.asyncIterator]()
    for (;;) {
      const next = await untilAborted(records.next(), signal)
      if (next.done === true) return
      const taskId = taskIdOf(next.value)
      if (known.has(taskId)) continue
      if (known.size >= sessionTasksMax) {
        problems.push(`The session has more than ${sessionTasksMax} tasks; those after them were not looked at`)
        return
      }
      yield { index: known.size, record: next.value }
      known.add(taskId)
    }
  } catch (error) {
    signal.throwIfAborted()
    problems.push(`After ${known.size} tasks the chain could not be read: ${error instanceof Error ? error.message : 'it failed'}`)
  }
}

function bundleInit (
  { store }: AuditSessionComponents, report: SessionReport, readers: AuditSessionOptions['readers']
): BundleInit<SessionAuditManifest> {
  const judged = report.tasks.filter((task): task is TaskConduct & { evidence: string } => task.evidence !== undefined)
  const stored = judged.map(({ evidence }) => store.record(parseReference(evidence).cid))
  const isOpen = stored.every(record => record !== undefined && isPublic(record))
  return {
    files: [
      { name: 'report.json', bytes: encodeCanonicalJson(report as unknown as JsonValue) },
      { name: 'README.md', text: sessionTable(report) },
      ...judged.map(({ taskId, evidence }) => ({ name: `tasks/${taskId}`, cid: evidence }))
    ],
    manifest: () => ({ format: 'cortensor-bundle', version: manifestVersion, kind: 'session-audit', session: report.session }),
    readers: readers ?? (isOpen ? 'anyone' : []),
    embargoed: false,
    session: report.session,
    entriesMax: datasetEntriesMax
  }
}
