import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { startProgram } from '../store/children.ts'
import { checkRepo } from './check-repo.ts'
import { fastDirectory } from './directories.ts'
import { Random, rounds, seed } from './random.ts'
import type { DataNode } from '../../src/interface/data-node.ts'

const program = join(import.meta.dirname, 'programs', 'reveal-child.ts')
const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '0' }
const privateKey = '11'.repeat(32)
const listen = ['/ip4/127.0.0.1/tcp/0']

/** How far an answer had come when its miner was killed. */
type Stage = 'precommitted' | 'revealing' | 'revealed'

/** What a miner had printed when it was killed at some moment: of each task the URN and the last that was said of it. */
async function killedAt (home: string, random: Random, ahead = 1): Promise<Map<string, { stage: Stage, urn: string }>> {
  const child = await startProgram([program, home, privateKey, String(ahead)])
  await child.printed(3 + random.below(12))
  await setTimeout(random.next() * 8)
  await child.kill()
  const said = child.lines.map(line => line.split(' ') as [Stage, string, string])
  return new Map(said.map(([stage, taskId, urn]) => [taskId, { stage, urn }]))
}

/** Whether another node, which nobody named, gets the whole of a result; it gets all of it or nothing. */
async function isRead (urn: string, from: DataNode): Promise<boolean> {
  const reader = await createDataNode({ home: ':memory:', privateKey: 'generate' })
  try {
    const result = await reader.open(urn, { providers: [from.multiaddrs[0] ?? ''], hold: true })
    expect(await result.bytes('output.json')).not.toHaveLength(0)
    return true
  } catch (error) {
    expect(error).toMatchObject({ name: 'UnavailableError', details: { attempts: [{ outcome: 'not-available' }] } })
    return false
  } finally {
    await reader.stop()
  }
}

test('a miner that is killed between precommit and reveal finds its result by the task, and reveals the same CID', async () => {
  const random = new Random('reveal/between')
  for (let round = 0; round < Math.ceil(rounds / 5); round++) {
    const home = await fastDirectory()
    const answers = await killedAt(home, random, Infinity)
    const node = await createDataNode({ home, privateKey, listen })
    try {
      for (const [taskId, { stage, urn }] of [...answers].slice(-2)) {
        const label = `seed ${seed}, round ${round}, task ${taskId}`
        expect(stage, label).toBe('precommitted')
        await using found = await node.result({ ...session, taskId }) ?? expect.fail(`${label}: it is not found`)
        expect(found, label).toMatchObject({ urn, revealed: false, output: `answer ${taskId}` })
        expect(await isRead(urn, node), label).toBe(false)
        await node.reveal(found.urn)
        expect(found.revealed, label).toBe(true)
        expect(await isRead(urn, node), label).toBe(true)
      }
    } finally {
      await node.stop()
    }
  }
})

test('a miner that is killed during a reveal has the result closed or open, and what it acknowledged is open', async () => {
  const random = new Random('reveal/during')
  const seen = { closed: 0, open: 0 }
  for (let round = 0; round < rounds; round++) {
    const label = `seed ${seed}, round ${round}`
    const home = await fastDirectory()
    const answers = await killedAt(home, random)
    const node = await createDataNode({ home, privateKey, listen })
    const { address } = node
    try {
      const hidden = new Set((await Array.fromAsync(node.list({ revealed: false }))).map(({ cid }) => cid))
      for (const [taskId, { stage, urn }] of answers) {
        const isOpen = !hidden.has(urn.slice(urn.lastIndexOf(':') + 1))
        if (stage !== 'revealing') expect(isOpen, `${label}, task ${taskId}`).toBe(stage === 'revealed')
        else seen[isOpen ? 'open' : 'closed']++
      }
      const last = [...answers.values()].findLast(({ stage }) => stage === 'revealing')
      if (last !== undefined) expect(await isRead(last.urn, node), label).toBe(!hidden.has(last.urn.slice(last.urn.lastIndexOf(':') + 1)))
    } finally {
      await node.stop()
    }
    const acknowledged = [...answers.values()].map(({ urn }) => urn.slice(urn.lastIndexOf(':') + 1))
    await checkRepo(join(home, address), { label, acknowledged, address })
  }
  console.log(`killed during a reveal: ${seen.closed} closed and ${seen.open} open afterwards`)
})
