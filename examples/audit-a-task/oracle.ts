// An oracle: reads from the chain who answered what, fetches it, judges it, and hands over evidence that stands without it.
import { writeFile } from 'node:fs/promises'
import { createDataNode } from 'cortensor-datanode'
import { easAnchor } from 'cortensor-datanode/evm'
import { privateKeyToAccount } from 'viem/accounts'
import { next, say } from '../support/host.ts'
import { pollMs, queueOf } from './start.ts'
import type { TaskReference } from 'cortensor-datanode'
import type { Delivered, Judged, OracleStart } from './start.ts'

const { home, privateKey, listen, routers, chain, file } = await next<OracleStart>('start')
const anchor = easAnchor({
  rpcUrls: chain.rpcUrls, chainId: chain.chainId, address: chain.eas,
  account: privateKeyToAccount(privateKey), confirmations: 0, pollMs
})
const node = await createDataNode({ home, privateKey, listen, routers, anchor, anchorIntervalMs: Infinity })
process.once('SIGINT', () => void node.stop())
const queue = queueOf(chain)
say('listening', {})

// what was asked is on chain, and what was answered: URNs, and the hashes that were given before
const reference = await ended()
const { data: urn, miners } = await queue.readTask(reference)
const task = await node.fetchTaskBundle(urn)
const claims = await queue.readTaskResults(reference)
// who precommitted and had nothing to commit is judged by what it handed over otherwise
const { miner, urn: ref } = await next<Delivered>('delivered')
const hash = miners.find(other => other.miner === miner)?.hash
claims.push({ miner, ref, ...hash !== undefined && { hash } })

const verdicts = await node.verifyResults(task, claims, { taskId: reference.taskId, hashOf: queue.getHash })
const evidence = await node.publishEvidence({ task, taskId: reference.taskId, verdicts })
// 32 bytes on chain commit to every statement that this oracle ever signed, that about the evidence among them
const { size, receipt } = await node.audit.anchor()
await writeFile(file, node.exportEvidence(evidence.cid, { payload: 'outputs', receipts: [receipt] }))

say('judged', {
  verdicts: verdicts.verdicts.map(({ miner, status, reason, copiedFrom }) => ({ miner, status, reason, copiedFrom })),
  agreements: verdicts.agreements,
  evidence: evidence.urn,
  anchored: { size, block: receipt.blockNumber }
} satisfies Judged)

await next('stop')
await node.stop()

async function ended (): Promise<TaskReference> {
  for await (const { task } of queue.watchTasks({ types: ['ended'], fromBlock: '0', pollMs })) return task
  throw new Error('the chain was not watched to its end')
}
