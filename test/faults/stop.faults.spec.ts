import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import { checkRepo } from './check-repo.ts'
import { fastDirectory } from './directories.ts'
import { Random, rounds, seed } from './random.ts'
import { openDescriptors } from './resources.ts'

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '0' } as const
const privateKey = '11'.repeat(32)
const stopsWithinMs = 5000
/** Far below what the repositories of all rounds, or their nodes, would take together. */
const leakBytesMax = 400 * 1024 * 1024

test('stops within five seconds in the middle of anything, keeps what was acknowledged, and leaves nothing open', async () => {
  const elsewhere = await createDataNode({ home: ':memory:', privateKey: 'generate', listen: ['/ip4/127.0.0.1/tcp/0'] })
  onTestFinished(() => elsewhere.stop())
  const random = new Random('stop')
  const tickets: string[] = []
  for (let n = 0; n < 8; n++) {
    await using task = await elsewhere.publishTaskBundle({ session, prompt: n, files: [fileOf(n % 2 === 0 ? 3000 : 1_300_000, n)] }, { readers: 'anyone' })
    tickets.push(task.ticket)
  }
  const home = await fastDirectory()
  const acknowledged = new Set<string>()
  let before: number | undefined
  let bytesBefore: number | undefined
  for (let round = 0; round <= rounds; round++) {
    const node = await createDataNode({ home, privateKey, listen: ['/ip4/127.0.0.1/tcp/0'] })
    const works = Promise.allSettled(Array.from({ length: 6 }, (_, at) => work(node, random.below(6), { round, at, tickets, acknowledged })))
    await setTimeout(random.next() * 120)
    const deadline = setTimeout(stopsWithinMs, 'late', { ref: false })
    expect(await Promise.race([node.stop().then(() => 'stopped'), deadline]), `seed ${seed}, round ${round}`).toBe('stopped')
    for (const outcome of await works) {
      if (outcome.status === 'rejected') expect(outcome.reason, `seed ${seed}, round ${round}`).toMatchObject({ name: 'StoppedError' })
    }
    if (round % 5 === 0) {
      const label = `seed ${seed}, round ${round}`
      await checkRepo(join(home, node.address), { label, acknowledged, address: node.address })
    }
    // The first round opens what the process keeps.
    before ??= await openDescriptors()
    bytesBefore ??= process.memoryUsage().rss
  }
  await expect.poll(openDescriptors, { timeout: 5000 }).toBeLessThanOrEqual(before ?? 0)
  expect(process.memoryUsage().rss - (bytesBefore ?? 0)).toBeLessThan(leakBytesMax)
})

interface Context {
  round: number
  at: number
  tickets: readonly string[]
  acknowledged: Set<string>
}

/** Does one thing after the other until the node is stopped. */
async function work (node: DataNode, kind: number, { round, at, tickets, acknowledged }: Context): Promise<void> {
  for (let n = 0; ; n++) {
    const ticket = tickets[(round + at + n) % tickets.length] ?? ''
    if (kind < 2) {
      const file = fileOf(kind === 0 ? 3000 : 1_300_000, round + at + n)
      await using task = await node.publishTaskBundle({ session, prompt: `${round}/${at}/${n}`, files: [file] }, { readers: 'anyone' })
      acknowledged.add(task.cid.toString())
    } else if (kind === 2) {
      await using task = await node.fetchTaskBundle(ticket)
      await task.bytes('prompt.json')
    } else if (kind === 3) {
      await node.hold(ticket, { owner: 'tries' })
      await node.release(ticket, { owner: 'tries' })
    } else if (kind === 4) {
      await node.collect()
    } else {
      await node.verify()
    }
    // One that only reads memory would let nobody else go on.
    await setTimeout(1)
  }
}

function fileOf (length: number, n: number): { name: string, bytes: Uint8Array } {
  return { name: 'file', bytes: new Uint8Array(length).fill(n) }
}
