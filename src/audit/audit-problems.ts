import { DamagedTrailError, StaleTrailError } from '../errors.ts'
import { namedBundlesMax } from '../limits.ts'
import type { Problem } from '../interface/health.ts'
import type { AuditParts } from './audit-parts.ts'

/** What is read of the audit parts. */
export interface AuditState {
  statements: Pick<AuditParts['statements'], 'failure'>
  guard: Pick<AuditParts['guard'], 'refusal'>
  witnesses: Pick<AuditParts['witnesses'], 'isUnwitnessed'>
  forks: Pick<AuditParts['forks'], 'all'>
  skew: Pick<AuditParts['skew'], 'ms'>
}

/** What is wrong with a node's audit trail, with its clock, and with the logs of others, from memory. */
export function auditProblems ({ statements, guard, witnesses, forks, skew }: AuditState): Problem[] {
  const own = guard.refusal?.details['origin']
  return [
    ...refusalProblem(guard.refusal) ?? failureProblem(statements.failure),
    ...witnesses.isUnwitnessed ? [unwitnessed] : [],
    ...forkProblem(forks.all().map(({ origin }) => origin).filter(origin => origin !== own)),
    ...skewProblem(skew.ms)
  ]
}

const unwitnessed: Problem = {
  code: 'TRAIL_UNWITNESSED',
  severity: 'warning',
  message: 'no router says what it has seen of the audit trail, or takes its newest checkpoint',
  advice: 'nobody but this node would see if the trail were changed: check that routers are reachable and of a release that keeps checkpoints'
}

function refusalProblem (refusal: AuditState['guard']['refusal']): Problem[] | undefined {
  if (refusal === undefined) return undefined
  return refusal instanceof StaleTrailError
    ? [{
        code: 'TRAIL_STALE',
        severity: 'error',
        message: refusal.message,
        advice: 'bundles are published on, and their statements wait in the repository: stop the other process with this key, or restore the' +
          ' newest repository; an empty one begins a trail of its own'
      }]
    : [{
        code: 'TRAIL_FORKED',
        severity: 'error',
        message: refusal.message,
        advice: 'bundles are published on, and their statements wait in the repository: run one process for a key, and begin with an empty' +
          ' repository, which has a trail of its own; others keep the proof'
      }]
}

function failureProblem (failure: Error | undefined): Problem[] {
  if (failure instanceof DamagedTrailError) {
    return [{
      code: 'TRAIL_DAMAGED',
      severity: 'error',
      message: failure.message,
      advice: 'nothing is appended to it: check the drive, and restore the newest repository; statements wait in the repository'
    }]
  }
  if (failure === undefined) return []
  return [{
    code: 'TRAIL_BEHIND',
    severity: 'warning',
    message: `statements are not in the audit trail yet: ${failure.message}`,
    advice: 'they are tried again by themselves; make room, or check the drive'
  }]
}

function forkProblem (origins: readonly string[]): Problem[] {
  if (origins.length === 0) return []
  const more = origins.length > namedBundlesMax ? ` and ${origins.length - namedBundlesMax} more` : ''
  return [{
    code: 'LOG_FORKED',
    severity: 'warning',
    message: `${origins.slice(0, namedBundlesMax).join(', ')}${more} showed two logs that cannot both be true`,
    advice: 'do not rely on what these nodes say of the past: the proofs are in the directory forks of the audit trail'
  }]
}

function skewProblem (skewMs: number | undefined): Problem[] {
  if (skewMs === undefined) return []
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  return [{
    code: 'CLOCK_SKEWED',
    severity: 'error',
    message: `this node's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} those of most routers`,
    advice: 'set the clock, and keep it set by NTP: statements from the future are refused'
  }]
}
