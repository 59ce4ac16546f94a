import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { encodeCanonicalJson } from '../../src/format/canonical-json.ts'
import { chainOf, taskOf } from './chains.ts'
import { judgedTask } from './exported.ts'
import type { MinerRecord } from '../../src/interface/chain.ts'
import type { AuditSessionOptions, DataNode } from '../../src/interface/data-node.ts'
import type { JsonValue } from '../../src/interface/primitives.ts'
import type { Judged } from './exported.ts'

describe('auditSession', () => {
  let judged: Judged

  beforeAll(async () => { judged = await judgedTask({ small: true }) }, 60_000)
  afterAll(async () => { await judged[Symbol.asyncDispose]() })

  const session = () => judged.task.manifest.session
  const did = (node: DataNode, at: number, data?: string): MinerRecord => ({
    miner: node.address, assignedAt: '1790000001', acknowledgedAt: '1790000002', precommittedAt: String(1790000003 + at), committedAt: String(1790000100 + at),
    hash: `0x${'ab'.repeat(32)}`, data: data ?? judged.results.get(node)?.urn ?? ''
  })
  const audit = async (options: AuditSessionOptions) => await judged.oracle.auditSession(session(), options)

  it('says of every task who did what, with verdicts and agreement, and links the evidence', async () => {
    const { first, second, differing, copying, silent } = judged.miners
    const copied = did(copying, 9, judged.results.get(first)!.urn)
    const idle = { miner: silent.address, assignedAt: '1790000001' }
    const chain = chainOf([
      taskOf(session(), '0', judged.task.urn, [copied, did(first, 0), did(second, 1), did(differing, 2), idle]),
      taskOf(session(), '1', judged.task.urn, [idle]), taskOf(session(), '2', judged.task.urn, [idle], false)
    ])
    const { bundle, report } = await audit({ chain })
    expect(report).toMatchObject({ session: session(), problems: [], tasks: [{ taskId: '0' }, { taskId: '1', finishedAt: '1790000400' }, { taskId: '2', ended: false }] })
    const [judgedNow, idleTask, open] = report.tasks
    expect(judgedNow!.miners.map(({ miner, verdict, revealed, missed }) => ({ miner, verdict, revealed, missed }))).toEqual([
      { miner: copying.address, verdict: 'copied', revealed: true, missed: [] }, { miner: first.address, verdict: 'ok', revealed: true, missed: [] },
      { miner: second.address, verdict: 'ok', revealed: true, missed: [] }, { miner: differing.address, verdict: 'ok', revealed: true, missed: [] },
      { miner: silent.address, verdict: undefined, revealed: false, missed: ['acknowledge', 'precommit', 'commit'] }
    ])
    expect(judgedNow!.agreements?.map(({ miners }) => miners)).toEqual([[first.address, second.address], [differing.address]])
    expect([idleTask!.evidence, idleTask!.miners[0]!.missed.length, open!.miners[0]!.missed]).toEqual([undefined, 3, []])
    expect(bundle.manifest).toMatchObject({ kind: 'session-audit', session: session() })
    expect(await bundle.bytes('report.json')).toEqual(encodeCanonicalJson(report as unknown as JsonValue))
    const entries = await Array.fromAsync(bundle.files('tasks'))
    expect(entries.find(({ path }) => path === 'tasks/0')?.cid.toString()).toBe(judgedNow!.evidence)
    expect(new TextDecoder().decode(await bundle.bytes('README.md'))).toContain(`| 0 | ${second.address} | 2026-09-21T14:13:21Z |`)
    expect(bundle.access).toBe('anyone')
    await bundle.close()
  })

  it('says what failed in place of a verdict, and goes on', async () => {
    const { first } = judged.miners
    const absent = 'urn:blob:v2:ipfs:bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354'
    const chain = chainOf([
      taskOf(session(), '0', 's3 it is not', [did(first, 0)]), taskOf(session(), '1', absent, [did(first, 0)]),
      taskOf(session(), '1', judged.task.urn, [did(first, 0)]), { task: { taskId: 'x' } } as never, taskOf(session(), '3', judged.task.urn, [did(first, 0, absent)])
    ], new Error('the endpoint is gone'))
    const { bundle, report } = await audit({ chain, claimTimeoutMs: 5_000 })
    expect(report.problems).toEqual(['After 4 tasks the chain could not be read: the endpoint is gone'])
    expect(report.tasks.map(({ taskId, problem }) => [taskId, problem !== undefined])).toEqual([['0', true], ['1', true], ['x', true], ['3', false]])
    expect(report.tasks[3]!.miners).toMatchObject([{ revealed: false, verdict: 'unavailable', missed: [] }])
    expect(new TextDecoder().decode(await bundle.bytes('README.md'))).toMatch(/- After 4 tasks the chain[^]*- Task 0 was not judged/)
    await bundle.close()
  }, 60_000)

  it('looks at precommits where it is told what they are the hash of', async () => {
    const { first } = judged.miners
    const chain = chainOf([taskOf(session(), '0', judged.task.urn, [did(first, 0)])])
    const { bundle, report } = await audit({ chain, hashOf: () => `0x${'cd'.repeat(32)}` })
    expect(report.tasks[0]!.miners).toMatchObject([{ verdict: 'mismatch', hash: `0x${'ab'.repeat(32)}` }])
    await bundle.close()
  })

  it('ends with the reason of its signal while the chain says nothing, and refuses what is no chain', async () => {
    const reason = new Error('enough')
    const controller = new AbortController()
    const silent = { ...chainOf([]), readTasks: () => ({ [Symbol.asyncIterator]: () => ({
      next: async () => { controller.abort(reason); return await new Promise<never>(() => {}) }
    }) }) }
    await expect(audit({ chain: silent, signal: controller.signal })).rejects.toBe(reason)
    for (const options of [{}, { chain: 5 }, { chain: silent, taskTimeoutMs: 0 }, null]) await expect(audit(options as never)).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    await expect(judged.oracle.auditSession({} as never, { chain: silent })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  })
})
