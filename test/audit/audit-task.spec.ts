import { describe, expect, it } from 'vitest'
import { auditTask } from '../../src/audit/audit-task.ts'
import { miner, task, urn } from './fixtures.ts'
import { taskOf } from './chains.ts'
import type { JudgingCalls } from '../../src/audit/audit-task.ts'
import type { Claim, Verdicts } from '../../src/interface/verdict.ts'

const { session } = task.manifest
const { signal } = new AbortController()
const closed: string[] = []

function callsThat (judge: (claims: readonly Claim[]) => Promise<Verdicts>): JudgingCalls {
  const close = (what: string) => async (): Promise<void> => { closed.push(what) }
  return {
    fetchTaskBundle: async () => ({ ...task, close: close('task') }),
    verifyResults: async (_, claims) => await judge(claims),
    publishEvidence: async () => ({ cid: task.cid, close: close('evidence') }) as never
  }
}

const committed = (by: number, at?: string) => ({ miner: miner(by), data: urn(String(by)), ...at === undefined ? {} : { precommittedAt: at } })

describe('auditTask', () => {
  it('claims in the order of the chain, and closes what it opened', async () => {
    let asked: readonly Claim[] = []
    const calls = callsThat(async claims => { asked = claims; return { verdicts: [], agreements: [] } })
    const record = taskOf(session, '0', 'x', [committed(1, '20'), committed(2, '10'), committed(3), { miner: miner(4), data: '' }])
    closed.length = 0
    expect(await auditTask(calls, record, 1000, { signal })).toMatchObject({ taskId: '0', evidence: task.cid.toString() })
    expect(asked.map(({ miner }) => miner)).toEqual([miner(3), miner(2), miner(1)])
    expect(closed.sort()).toEqual(['evidence', 'task'])
  })

  it('gives a task up when its time is over, and says so', async () => {
    const calls = callsThat(async () => await new Promise<never>(() => {}))
    const conduct = await auditTask(calls, taskOf(session, '0', 'x', [committed(1)]), 1, { signal })
    expect(conduct).toMatchObject({ problem: 'it was not judged within 1 ms', miners: [{ revealed: false }] })
    expect(conduct.evidence).toBeUndefined()
  })

  it('keeps of what a chain says only what can be written down', async () => {
    const calls = callsThat(async () => await Promise.reject(new TypeError('odd')))
    const record = taskOf(session, '0', `\ud800${'x'.repeat(5000)}`, [committed(1)])
    const { data, problem } = await auditTask(calls, record, 1000, { signal })
    expect([data.length, data.isWellFormed(), problem]).toEqual([4096, true, 'TypeError: odd'])
    for (const odd of [undefined, {}, { ...record, miners: [{ miner: 'x' }] }, { ...record, task: { taskId: '-1' } }]) {
      expect(await auditTask(calls, odd as never, 1000, { signal })).toMatchObject({ miners: [], problem: expect.any(String) as string })
    }
  })

  it('rejects with the reason of its signal', async () => {
    const reason = new Error('enough')
    const calls = callsThat(async () => await Promise.reject(new Error('x')))
    const aborted = { signal: AbortSignal.abort(reason) }
    await expect(auditTask(calls, taskOf(session, '0', 'x', [committed(1)]), 1000, aborted)).rejects.toBe(reason)
  })
})
