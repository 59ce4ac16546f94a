import { createTestNetwork } from '../../src/testing/index.ts'
import type { ResultBundle, EvidenceBundle, TaskBundle } from '../../src/interface/bundle.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import type { ExportEvidenceOptions } from '../../src/interface/evidence.ts'
import type { Verdicts } from '../../src/interface/verdict.ts'

const session = { chainId: '421614', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '7' }

/** A task that was judged, and whose evidence is published. */
export interface Judged extends AsyncDisposable {
  oracle: DataNode
  /** Two who agree, one who differs, one who copies the first, one who claims with a statement of the first, one who is silent. */
  miners: { first: DataNode, second: DataNode, differing: DataNode, copying: DataNode, lying: DataNode, silent: DataNode }
  task: TaskBundle
  verdicts: Verdicts
  evidence: EvidenceBundle
  results: ReadonlyMap<DataNode, ResultBundle>
}

/** Runs a task among nodes in memory up to its evidence. What is small has files of one block only. */
export async function judgedTask ({ small = false }: { small?: boolean } = {}): Promise<Judged> {
  const network = await createTestNetwork({ nodes: 8 })
  const [router, oracle, first, second, differing, copying, lying, silent] = network.nodes as
    [DataNode, DataNode, DataNode, DataNode, DataNode, DataNode, DataNode, DataNode]
  const { urn } = await router.publishTaskBundle(
    { session, prompt: 'How many?', files: [{ name: 'paper.bin', bytes: new Uint8Array(small ? 25 : 2_500_000).fill(7) }] }, { readers: 'anyone' })
  const task = await oracle.fetchTaskBundle(urn)
  const results = new Map<DataNode, ResultBundle>()
  for (const [node, count] of [[first, 4], [second, 4], [differing, 5]] as const) {
    results.set(node, await node.publishResult({
      task: await node.fetchTaskBundle(urn), taskId: '0', output: { count },
      files: [{ name: 'chart.bin', bytes: new Uint8Array(small ? 12 : 1_200_000).fill(count) }], logs: [{ name: 'run.log', text: `run ${count}` }]
    }, { reveal: 'now' }))
  }
  const urnOf = (node: DataNode): string => results.get(node)?.urn ?? ''
  const statement = results.get(first)?.statements[0]?.statement
  const verdicts = await oracle.verifyResults(task, [
    ...[first, second, differing].map(node => ({ miner: node.address, ref: urnOf(node) })),
    { miner: copying.address, ref: urnOf(first) },
    { miner: lying.address, ref: urnOf(second), ...statement === undefined ? {} : { statement } },
    { miner: silent.address, ref: urnOf(first), hash: `0x${'ab'.repeat(32)}` }
  ], { taskId: '0' })
  const evidence = await oracle.publishEvidence(
    { task, taskId: '0', verdicts, scores: { [first.address]: 1 }, artifacts: [{ name: 'notes.txt', text: 'all seen' }] })
  return {
    oracle, task, verdicts, evidence, results, miners: { first, second, differing, copying, lying, silent },
    [Symbol.asyncDispose]: async () => network.stop()
  }
}

/** The file of a node's evidence. */
export async function exported (node: DataNode, ref: string, options: ExportEvidenceOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(Buffer.concat(await Array.fromAsync(node.exportEvidence(ref, options))))
}
