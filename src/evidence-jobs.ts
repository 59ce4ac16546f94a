import { auditSession, checkAuditOptions } from './audit/audit-session.ts'
import { checkHash } from './audit/check-hash.ts'
import { checkExpected, checkResult } from './audit/check-result.ts'
import { evidenceBundleInit } from './audit/evidence.ts'
import { checkExportOptions, exportEvidence } from './audit/export-evidence.ts'
import { checkEvidenceFor, findEvidence } from './audit/find-evidence.ts'
import { proveEvidence } from './audit/prove-evidence.ts'
import { verifyResults } from './audit/verdicts.ts'
import { checkFetchOptions } from './bundle/fetch-options.ts'
import { checkOptions } from './format/argument.ts'
import { parseAddress } from './format/hex.ts'
import { parseReference } from './format/reference.ts'
import type { JudgingCalls } from './audit/audit-task.ts'
import type { ExportComponents } from './audit/export-evidence.ts'
import type { RunCall } from './audit/run-call.ts'
import type { BundleJobs } from './bundle-jobs.ts'
import type { Components } from './components.ts'
import type { AuditTrail } from './interface/audit.ts'
import type { EvidenceBundle, ResultBundle, TaskBundle } from './interface/bundle.ts'
import type { AuditSessionOptions, EvidenceInit, ExpectedResult, VerifyOptions } from './interface/data-node.ts'
import type { ExportEvidenceOptions } from './interface/evidence.ts'
import type { EvidenceForOptions, FoundEvidence } from './interface/evidence-lookup.ts'
import type { FetchOptions, PublishOptions } from './interface/options.ts'
import type { Reference } from './interface/primitives.ts'
import type { SessionAudit } from './interface/session-audit.ts'
import type { NetworkSession, TaskReference } from './interface/task.ts'
import type { Claim, Verdicts } from './interface/verdict.ts'
import type { Jobs } from './jobs.ts'

/** What judging is done with. */
export interface EvidenceJobsInit {
  components: Components
  jobs: Jobs
  bundles: BundleJobs
  audit: AuditTrail
}

/** The running calls of whoever judges: claims become verdicts, and verdicts evidence, which is found again and handed over. */
export class EvidenceJobs {
  readonly #init: EvidenceJobsInit

  constructor (init: EvidenceJobsInit) {
    this.#init = init
  }

  /** Takes a result only when it is the one that was expected. */
  async fetchResult (ref: Reference, expected: ExpectedResult, options: FetchOptions): Promise<ResultBundle> {
    const { bundles, components: { delegations } } = this.#init
    checkFetchOptions(options)
    checkExpected(expected)
    if (expected.hash !== undefined) await checkHash(parseReference(ref).cid, expected.hash, expected.hashOf)
    const result = await bundles.fetchResult(ref, { ...options, providers: [...options.providers ?? [], expected.miner] })
    try {
      checkResult(result, expected, { delegations: delegations.of(parseAddress(expected.miner)) })
      return result
    } catch (error) {
      await result.close()
      throw error
    }
  }

  async verifyResults (task: TaskBundle, claims: readonly Claim[], options: VerifyOptions): Promise<Verdicts> {
    const { bundles, components: { clock, delegations }, jobs } = this.#init
    return await jobs.run(options, async options => await verifyResults({
      now: () => performance.now(),
      clock,
      delegationsOf: wallet => delegations.of(wallet),
      fetchResult: async (ref, options) => await bundles.fetchResult(ref, options)
    }, task, claims, options))
  }

  async publish (evidence: EvidenceInit, options: PublishOptions): Promise<EvidenceBundle> {
    const { bundles, components } = this.#init
    checkOptions(options)
    return await bundles.publish(evidenceBundleInit(evidence, options.readers, components.store), options) as EvidenceBundle
  }

  async * export (ref: Reference, options: ExportEvidenceOptions): AsyncGenerator<Uint8Array> {
    const { audit, components, jobs } = this.#init
    checkExportOptions(options)
    const { cid } = parseReference(ref)
    const signal = await jobs.run(options, async ({ signal }) => signal)
    const { anchoring } = components.audit
    const anchored: ExportComponents['anchored'] = async options => await anchoring?.anchored(options) ?? []
    yield * exportEvidence({ ...components, audit, anchored }, cid, { ...options, signal })
  }

  async find (task: TaskReference, options: EvidenceForOptions): Promise<FoundEvidence[]> {
    const { components, jobs } = this.#init
    checkOptions(options)
    const search = checkEvidenceFor(task, options)
    const { audit: { followed }, log } = components
    const run: RunCall = async (options, call) => await jobs.run(options, call)
    return await run(options, async options => {
      const found = await findEvidence(components, search, options)
      return await proveEvidence({ followed, log, run }, found, search, options.signal)
    })
  }

  async auditSession (calls: JudgingCalls, session: NetworkSession, options: AuditSessionOptions): Promise<SessionAudit> {
    const { bundles, components, jobs } = this.#init
    checkAuditOptions(options)
    return await jobs.run(options, async options => await auditSession({
      ...components, calls, publish: async (init, options) => await bundles.publish(init, options)
    }, session, options))
  }
}
