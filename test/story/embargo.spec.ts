import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/format/hex.ts'
import { encodeHeader } from '../../src/format/messages.ts'
import { createTestNetwork } from '../../src/testing/index.ts'
import { branch, leaf } from '../format/dags.ts'
import { blocksOf, outcomesOf, Stranger } from './stranger.ts'
import type { Readers, ResultBundle, TaskBundle } from '../../src/interface/bundle.ts'
import type { DataNode, PublishResultOptions } from '../../src/interface/data-node.ts'
import type { CID } from 'multiformats/cid'

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '0' }
const refused = toHex(encodeHeader({ status: 'not-available' }))
/** Of a block that nobody has. */
const absentRoot = branch([], 'nobody has this').cid
const absentLeaf = leaf('nobody has this either').cid

interface Scene {
  router: DataNode
  miner: DataNode
  /** Neither router nor oracle. */
  other: DataNode
  task: TaskBundle
  result: ResultBundle
  /** A block that anyone may have of the miner. */
  known: CID
  stranger: Stranger
}

let scenes = 0

/** A miner with a result that is not revealed: the router may read it then, or anyone. */
async function scene (run: (scene: Scene) => Promise<void>, readers: 'router' | 'anyone' | 'function' = 'router',
  reveal: () => PublishResultOptions['reveal'] = () => 'later'): Promise<void> {
  await using network = await createTestNetwork({ nodes: 3 })
  const [router, miner, other] = network.nodes as [DataNode, DataNode, DataNode]
  const task = await router.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone' })
  const isRouter: Readers = ({ address }) => address === router.address
  const result = await miner.publishResult(
    { task: await miner.fetchTaskBundle(task.urn), taskId: '0', output: 'yes', files: [{ name: 'big', bytes: new Uint8Array(1_500_000).fill(9) }] },
    { reveal: reveal(), readers: { router: [router.address], anyone: 'anyone' as const, function: isRouter }[readers] })
  const { cid: known } = await miner.datasets.publish({ name: 'known', version: '1.0.0', files: [{ name: 'one', text: '1' }] })
  const stranger = await Stranger.start(`embargo-${scenes++}`, miner)
  await run({ router, miner, other, task, result, known, stranger })
}

describe('an embargoed result', () => {
  it.each(['router', 'anyone', 'function'] as const)('is to a stranger as if it were not there, whoever may read it later (%s)', async readers => {
    await scene(async ({ result, known, stranger }) => {
      const answers = await stranger.askForDag(result.cid)
      expect(answers).toEqual(await stranger.askForDag(absentRoot))
      expect(new Set(answers)).toEqual(new Set([refused]))
      const blocks = await blocksOf(result)
      expect(blocks.length).toBeGreaterThan(4)
      const lacks = ['block: lacks', 'have: lacks']
      expect(await stranger.askForBlocks([absentRoot, absentLeaf], known)).toEqual([...lacks, ...lacks])
      expect(await stranger.askForBlocks(blocks, known)).toEqual(blocks.flatMap(() => lacks))
    }, readers)
  })

  it('gives no byte of a file in it away, also to who has the file and asks for it', async () => {
    await scene(async ({ task, other, result, known, stranger }) => {
      const answer = { task: await other.fetchTaskBundle(task.urn), taskId: '0', output: 'yes', files: [{ name: 'big', bytes: new Uint8Array(1_500_000).fill(9) }] }
      const same = await other.publishResult(answer, { reveal: 'now', readers: 'anyone' })
      expect(same.cid.equals(result.cid)).toBe(false)
      const theirs = new Set((await blocksOf(result)).map(String))
      const shared = (await blocksOf(same)).filter(cid => theirs.has(cid.toString()))
      expect(shared.length).toBeGreaterThan(2)
      expect(await stranger.askForBlocks(shared, known)).toEqual(shared.flatMap(() => ['block: lacks', 'have: lacks']))
    })
  })

  it.each(['router', 'function'] as const)('is called embargoed to those whom its publisher named, and unavailable to all others (%s)', async readers => {
    await scene(async ({ router, miner, other, task, result }) => {
      const asked = { providers: [miner.address] }
      expect(await outcomesOf(router.fetchResult(result.urn, { task, taskId: '0', miner: miner.address }))).toContain('embargoed')
      expect(await outcomesOf(router.open(result.urn, asked))).toContain('embargoed')
      const strange = await outcomesOf(other.open(result.urn, asked))
      expect(strange).toEqual(['UnavailableError', 'not-available'])
      expect(strange).toEqual(await outcomesOf(other.open(absentRoot, asked)))
    }, readers)
  })

  it('is read by its readers once it is revealed, and by nobody else', async () => {
    await scene(async ({ router, miner, other, task, result, known, stranger }) => {
      await miner.reveal(result.urn)
      expect((await router.fetchResult(result.urn, { task, taskId: '0', miner: miner.address })).output).toBe('yes')
      expect(await outcomesOf(other.open(result.urn))).toEqual(['UnavailableError', 'not-available'])
      expect(new Set(await stranger.askForDag(result.cid))).toEqual(new Set([refused]))
      expect(await stranger.askForBlocks([result.cid], known)).toEqual(['block: lacks', 'have: lacks'])
    })
  })

  it('is read by anyone once it is revealed, where anyone may, by either protocol', async () => {
    await scene(async ({ miner, result, known, stranger }) => {
      await miner.reveal(result.urn)
      const [whole = ''] = await stranger.askForDag(result.cid)
      expect(whole.length).toBeGreaterThan(2 * 1_500_000)
      expect(await stranger.askForBlocks([result.cid], known)).toEqual(['block: a block', 'have: has', 'block quietly: a block', 'have quietly: has'])
    }, 'anyone')
  })

  it('reveals itself at its time, and not before', async () => {
    let at = 0
    const soon = (): Date => new Date(at = Date.now() + 1_500)
    await scene(async ({ miner, other, result }) => {
      expect(await Array.fromAsync(miner.list({ revealed: false }))).toMatchObject([{ cid: result.cid.toString(), revealAt: at }])
      expect(result.revealed).toBe(false)
      await expect.poll(() => result.revealed, { timeout: 15_000, interval: 20 }).toBe(true)
      expect(Date.now()).toBeGreaterThanOrEqual(at)
      await using read = await other.open(result.urn)
      expect((await read.bytes('output.json')).length).toBe(5)
    }, 'anyone', soon)
  })
})
