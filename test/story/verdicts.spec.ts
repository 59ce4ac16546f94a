import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestNetwork } from '../../src/testing/index.ts'
import type { ResultBundle, TaskBundle } from '../../src/interface/bundle.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import type { Verdicts } from '../../src/interface/verdict.ts'
import type { TestNetwork } from '../../src/testing/index.ts'

const session = { chainId: '421614', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '7' }

describe('an oracle that judges five miners', () => {
  let network: TestNetwork
  let [router, oracle, first, second, differing, hiding, copying]: DataNode[] = []
  let task: TaskBundle
  const results = new Map<DataNode, ResultBundle>()

  beforeAll(async () => {
    network = await createTestNetwork({ nodes: 7, logger: line => { onLine(line) } });
    [router, oracle, first, second, differing, hiding, copying] = network.nodes as DataNode[]
    const { urn } = await router!.publishTaskBundle({ session, prompt: 'How many?' }, { readers: 'anyone' })
    task = await oracle!.fetchTaskBundle(urn)
    for (const [node, count] of [[first!, 4], [second!, 4], [differing!, 5], [hiding!, 6]] as const) {
      results.set(node, await node.publishResult({ task: await node.fetchTaskBundle(urn), taskId: '0', output: { count } },
        { reveal: node === hiding ? 'later' : 'now', readers: [oracle!.address] }))
    }
  }, 60_000)

  afterAll(async () => { await network.stop() })

  /** Reveals the hidden result once the oracle was told that it is embargoed. */
  let onLine: (line: string) => void = () => {}

  const urnOf = (node: DataNode): string => results.get(node)!.urn
  const claimOf = (node: DataNode) => ({ miner: node.address, ref: urnOf(node), hash: results.get(node)!.digest })
  let judged: Verdicts

  it('says embargoed of what is not revealed in time', async () => {
    const { verdicts } = await oracle!.verifyResults(task, [claimOf(hiding!)], { taskId: '0', claimTimeoutMs: 2_000 })
    expect(verdicts).toMatchObject([{ status: 'embargoed', error: { details: { status: 'embargoed' } } }])
  })

  it('asks again for what is embargoed until it is revealed, and names the copy', async () => {
    const revealed = Promise.withResolvers<undefined>()
    onLine = line => {
      if (!line.includes('embargoed')) return
      onLine = () => {}
      void results.get(hiding!)!.reveal().then(() => { revealed.resolve(undefined) }, revealed.reject)
    }
    judged = await oracle!.verifyResults(task, [
      ...[first!, second!, differing!, hiding!].map(claimOf),
      { miner: copying!.address, ref: urnOf(first!) }
    ], { taskId: '0' })
    await revealed.promise
    expect(judged.verdicts.map(({ status, copiedFrom }) => copiedFrom ?? status)).toEqual(['ok', 'ok', 'ok', 'ok', first!.address])
    expect(judged.verdicts[4]).toMatchObject({ status: 'copied', miner: copying!.address, digest: results.get(first!)!.digest })
    expect(judged.agreements.map(({ miners }) => miners)).toEqual([[first!.address, second!.address], [differing!.address], [hiding!.address]])
    expect(judged).not.toHaveProperty('comparisons')
  })

  it('groups by the scores of a function, and keeps them as evidence', async () => {
    const count = ({ output }: ResultBundle): number => (output as { count: number }).count
    const compared = await oracle!.verifyResults(task, [first!, second!, differing!, hiding!].map(claimOf), {
      taskId: '0', compare: (a, b) => 1 - Math.abs(count(a) - count(b)) / 10, agreementScore: 0.9
    })
    expect(compared.comparisons?.map(({ score }) => score)).toEqual([0.9, 0.8, 0.9])
    expect(compared.agreements.map(({ miners }) => miners)).toEqual([[first!.address, second!.address, differing!.address], [hiding!.address]])
    const evidence = await oracle!.publishEvidence({ task, taskId: '0', verdicts: compared })
    expect(JSON.parse(new TextDecoder().decode(await evidence.bytes('verdicts.json')))).toMatchObject({
      comparisons: [{ score: 0.9 }, { score: 0.8 }, { score: 0.9 }], verdicts: [{ status: 'ok' }, { status: 'ok' }, { status: 'ok' }, { status: 'ok' }]
    })
  })

  it('judges nobody twice as good: a copy with the statement that came with it', async () => {
    const { verdicts } = await oracle!.verifyResults(task, [
      claimOf(first!), { miner: copying!.address, ref: urnOf(first!), statement: results.get(first!)!.statements[0]!.statement }
    ], { taskId: '0' })
    expect(verdicts).toMatchObject([{ status: 'ok' }, { status: 'copied', copiedFrom: first!.address, statements: [{ signer: first!.address }] }])
  })

  it('ends at once with the reason of its signal, and asks nobody afterwards', async () => {
    const hidden = await second!.publishResult({ task: await second!.fetchTaskBundle(task.urn), taskId: '1', output: 'later' },
      { reveal: 'later', readers: [oracle!.address] })
    const controller = new AbortController()
    const reason = new Error('enough')
    let lines = 0
    onLine = line => {
      if (!line.includes('embargoed')) return
      lines++
      controller.abort(reason)
    }
    await expect(oracle!.verifyResults(task, [{ miner: second!.address, ref: hidden.urn }], { taskId: '1', signal: controller.signal }))
      .rejects.toBe(reason)
    expect(lines).toBe(1)
  })
})
