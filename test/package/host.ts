/**
 * A host program as strict TypeScript sees it: compiled against the packed library by `package.spec.ts`, and run.
 * A router publishes a task over TCP on loopback, a miner fetches it and answers.
 */
import { createDataNode, DataNodeError, digestOf, parseReference } from 'cortensor-datanode'
import { createTestNetwork } from 'cortensor-datanode/testing'
import * as verify from 'cortensor-datanode/verify'
import { CID } from 'multiformats/cid'
import type { SessionQueue } from 'cortensor-datanode/evm'
import type { Bundle, DataNode, FetchOptions, Health, TaskBundle } from 'cortensor-datanode'

/** An entry point whose code needs viem, and whose types do not. */
export type Queue = SessionQueue

const queue = '0x00000000000000000000000000000000000000aa'
const session = { chainId: '421614', queue, sessionId: '7' } as const
const options: FetchOptions = { signal: AbortSignal.timeout(30_000), onProgress: event => { events.push(event.type) } }
const events: string[] = []

const router: DataNode = await createDataNode({ home: ':memory:', privateKey: 'generate', listen: ['/ip4/127.0.0.1/tcp/0'] })
const miner: DataNode = await createDataNode({ home: ':memory:', privateKey: 'generate', routers: router.multiaddrs })
try {
  await miner.ready({ signal: AbortSignal.timeout(30_000) })
  const published: TaskBundle = await router.publishTaskBundle({
    session,
    prompt: { text: 'What is a data node?' },
    files: [{ name: 'paper.txt', text: 'An IPFS peer inside the process of its host.' }]
  }, { readers: 'anyone' })
  const task: TaskBundle = await miner.fetchTaskBundle(published.urn, options)
  const paper: string = new TextDecoder().decode(await task.bytes('inputs/paper.txt'))
  const bundle: Bundle = await miner.open(CID.parse(task.cid.toString()))
  const result = await miner.publishResult({ task, taskId: '0', output: { text: paper } }, { reveal: 'now' })
  const answer = await router.fetchResult(result.urn, { task: published, taskId: '0', miner: miner.address }, options)
  const health: Health = miner.health()
  if (!health.ok || bundle.cid.toString() !== published.cid.toString() || events.length === 0) throw new Error('the answer is not what was published')
  if (verify.digestOf(verify.parseReference(answer.urn).cid) !== digestOf(parseReference(result.urn).cid)) throw new Error('two digests')
  console.log(JSON.stringify({ output: answer.output }))
} catch (error: unknown) {
  if (error instanceof DataNodeError) console.error(error.code, error.retryable, error.details)
  throw error
} finally {
  await miner.stop()
  await router.stop()
}

const network = await createTestNetwork({ nodes: 2 })
await network.stop()
