import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/format/hex.ts'
import { encodeHeader } from '../../src/format/messages.ts'
import { createTestNetwork } from '../../src/testing/index.ts'
import { blocksOf, outcomesOf, Stranger } from './stranger.ts'
import type { Readers, ResultBundle, TaskBundle } from '../../src/interface/bundle.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import type { CID } from 'multiformats/cid'

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '0' }
const refused = toHex(encodeHeader({ status: 'not-available' }))
const lacks = ['block: lacks', 'have: lacks']
const widened = { name: 'AccessWidenedError' }

interface Scene {
  router: DataNode
  miner: DataNode
  task: TaskBundle
  /** The miner's, as the router has it: its miner may read it there. */
  result: ResultBundle
}

/** A router with a task that only its miner may read, and the miner's result. */
async function scene (run: (scene: Scene) => Promise<void>): Promise<void> {
  await using network = await createTestNetwork({ nodes: 2 })
  const [router, miner] = network.nodes as [DataNode, DataNode]
  const task = await router.publishTaskBundle({ session, prompt: 'p', files: [{ name: 'in.txt', text: 'input' }] }, { readers: [miner.address] })
  const answer = { task: await miner.fetchTaskBundle(task.urn), taskId: '0', output: 'yes' }
  const { urn } = await miner.publishResult(answer, { reveal: 'now', readers: [router.address] })
  await run({ router, miner, task, result: await router.fetchResult(urn, { task, taskId: '0', miner: miner.address }) })
}

async function findFile (task: TaskBundle): Promise<CID> {
  for await (const { path, cid } of task.files()) if (path === 'inputs/in.txt') return cid
  return expect.fail('no file')
}

describe('a bundle that links restricted ones', () => {
  it('is not for more readers: a dataset of results, the evidence of a task, an answer with a file of the task', async () => {
    await scene(async ({ router, miner, task, result }) => {
      const dataset = { name: 'qa', version: '1.0.0', files: [{ name: 'r', cid: result.cid }] }
      await expect(router.datasets.publish(dataset)).rejects.toMatchObject({ ...widened, details: { linked: result.cid.toString(), readers: 'anyone' } })
      await router.datasets.publish(dataset, { readers: [miner.address] })
      const verdicts = await router.verifyResults(task, [{ miner: miner.address, ref: result.urn }], { taskId: '0' })
      await expect(router.publishEvidence({ task, taskId: '0', verdicts }, { readers: 'anyone' })).rejects.toMatchObject(widened)
      const evidence = await router.publishEvidence({ task, taskId: '0', verdicts })
      expect(evidence.access).toBe('restricted')
      await expect(evidence.setReaders('anyone')).rejects.toMatchObject(widened)
      await expect(evidence.setReaders(() => true)).rejects.toMatchObject(widened)
      await evidence.setReaders([miner.address])
      const own = await miner.fetchTaskBundle(task.urn)
      const again = { task: own, taskId: '1', output: 'yes', files: [{ name: 'in.txt', cid: await findFile(own) }] }
      await expect(miner.publishResult(again, { reveal: 'now', readers: 'anyone' })).rejects.toMatchObject(widened)
      await miner.publishResult(again, { reveal: 'now', readers: [router.address] })
      expect(await Array.fromAsync(miner.list({ kind: 'result' }))).toHaveLength(2)
    })
  })

  it('may have copies of the same bytes, which are no links', async () => {
    await scene(async ({ router, task }) => {
      const dataset = await router.datasets.publish({ name: 'qa', version: '1.0.0', files: [{ name: 'in.txt', bytes: await task.bytes('inputs/in.txt') }] })
      expect(dataset.access).toBe('anyone')
    })
  })

  it('opens what it links when that is said, with it and as long as it is open, and never the root of the other', async () => {
    await scene(async ({ router, miner, result }) => {
      const { cid: known } = await router.datasets.publish({ name: 'known', version: '1.0.0', files: [{ name: 'one', text: '1' }] })
      const dataset = await router.datasets.publish({ name: 'qa', version: '1.0.0', files: [{ name: 'r', cid: result.cid }] }, { readers: 'anyone', widen: true })
      const stranger = await Stranger.start('links', router)
      const blocks = await blocksOf(result)
      expect(await stranger.askForDag(dataset.cid)).not.toContain(refused)
      expect(new Set(await stranger.askForDag(result.cid))).toEqual(new Set([refused]))
      expect(await stranger.askForBlocks(blocks, known)).toEqual(blocks.flatMap(() => ['block: a block', 'have: has', 'block quietly: a block', 'have quietly: has']))
      await dataset.setReaders([miner.address])
      expect(new Set(await stranger.askForDag(dataset.cid))).toEqual(new Set([refused]))
      expect(await stranger.askForBlocks(blocks, known)).toEqual(blocks.flatMap(() => lacks))
    })
  })
})

describe('publishing the same root again', () => {
  it('sets its readers, and signs nothing new', async () => {
    await using network = await createTestNetwork({ nodes: 2 })
    const [publisher, other] = network.nodes as [DataNode, DataNode]
    const publish = async (readers: Readers): Promise<string> => {
      await using dataset = await publisher.datasets.publish({ name: 'qa', version: '1.0.0', files: [{ name: 'a', text: 'a' }] }, { readers })
      expect(dataset.statements).toHaveLength(1)
      return dataset.urn
    }
    const urn = await publish([])
    for (const readers of [[], [publisher.address], () => false]) {
      expect(await publish(readers)).toBe(urn)
      expect(await outcomesOf(other.open(urn))).toEqual(['UnavailableError', 'not-available'])
    }
    for (const readers of ['anyone', [other.address], () => true] as const) {
      expect(await publish(readers)).toBe(urn)
      await (await other.open(urn)).close()
    }
    expect(await Array.fromAsync(publisher.list())).toHaveLength(1)
  })
})
