import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { startProgram } from '../store/children.ts'
import { fastDirectory } from './directories.ts'
import { Random, rounds, seed } from './random.ts'
import type { DataNode } from '../../src/interface/data-node.ts'

const program = join(import.meta.dirname, 'programs', 'follow-child.ts')
const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '0' } as const

const perRound = 20

/** Something to see that the child has not seen yet. */
async function publish (node: DataNode, round: number): Promise<void> {
  for (let n = 0; n < perRound; n++) {
    await (await node.publishTaskBundle({ session, prompt: `${round}/${n}` }, { readers: 'anyone' })).close()
  }
  await (await node.audit.publish()).close()
}

test('has all that it said it has seen of a followed log, whenever it is killed, and goes on', async () => {
  const random = new Random('follow')
  const cache = await fastDirectory()
  const home = await fastDirectory()
  await using miner = await createDataNode({ home: ':memory:', privateKey: '11'.repeat(32), listen: ['/ip4/127.0.0.1/tcp/0'] })
  let least = 0
  for (let round = 0; round < rounds; round++) {
    await publish(miner, round)
    const child = await startProgram([program, home, miner.address, miner.multiaddrs[0] ?? ''], { env: { NODE_COMPILE_CACHE: cache } })
    await child.printed(1 + random.below(2))
    await setTimeout(random.next() ** 2 * 300)
    await child.kill()
    const shown = child.lines.flatMap(line => line.startsWith('seen ') ? [Number(line.slice(5))] : [])
    least = Math.max(least, ...shown)
    await check(home, least, `seed ${seed}, round ${round}`)
  }
  expect(least).toBeGreaterThan(0)
})

/** Opens the node that followed, and lists all that it has. */
async function check (home: string, least: number, label: string): Promise<void> {
  await using node = await createDataNode({ home, privateKey: '22'.repeat(32) })
  const [log] = await node.audit.followed()
  if (log === undefined && least === 0) return
  expect(log?.checkpoint.size, label).toBeGreaterThanOrEqual(least)
  const digests: string[] = []
  for await (const { digest } of log!.entries()) digests.push(digest)
  expect(digests.length, label).toBe(log!.checkpoint.size)
  for (const digest of [digests[0], digests.at(-1)]) await log!.proveInclusion(digest as `0x${string}`)
  expect(node.health().problems.filter(({ code }) => code !== 'STORAGE_TRANSIENT'), label).toEqual([])
}
