import { beforeAll, expect, test } from 'vitest'
import { at, PrivateSession } from '../story/private-session.ts'
import { blocksOf } from '../story/stranger.ts'
import { kuboBinary, onlineKubo } from './kubo-binary.ts'
import type { CID } from 'multiformats/cid'
import type { Readers } from '../../src/interface/bundle.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import type { OnlineKubo } from './kubo-binary.ts'

beforeAll(async () => { await kuboBinary() }, 30 * 60_000)

/** How many blocks Kubo gets that is connected to nobody but this node. What it has got it keeps. */
async function countRead ({ kubo }: OnlineKubo, cids: readonly CID[], node: DataNode): Promise<number> {
  await kubo('swarm', 'connect', at(node))
  const asked = cids.map(async cid => kubo('block', 'get', '--timeout=3s', cid.toString()))
  const read = (await Promise.allSettled(asked)).filter(({ status }) => status === 'fulfilled').length
  await kubo('swarm', 'disconnect', at(node))
  return read
}

test.for(['a list', 'a function'])('Kubo gets nothing of a task whose readers are %s, neither from its router nor from those who read it', async way => {
  await using kubo = await onlineKubo()
  const scene = await PrivateSession.start()
  const task = await scene.publish()
  const addresses = scene.assigned.map(({ address }) => address)
  const readers: Readers = way === 'a list' ? addresses : ({ address }) => addresses.includes(address)
  await task.setReaders(readers)
  await scene.fetchAssigned(task.urn)
  await scene.expectClosed(task.urn)
  const cids = await blocksOf(task)
  for (const holder of [scene.router, ...scene.assigned]) expect(await countRead(kubo, cids, holder)).toBe(0)
  const router = await scene.bootRouter()
  expect(await countRead(kubo, cids, router)).toBe(0)
  await scene.expectClosed(task.urn)
  // It would get them if it might.
  await (await router.open(task.urn)).setReaders('anyone')
  expect(await countRead(kubo, cids, router)).toBe(cids.length)
})
