import { describe, expect, it } from 'vitest'
import { dial, readFrom, startHelia } from '../network/helia.ts'
import { at, forget, PrivateSession } from './private-session.ts'
import { blocksOf } from './stranger.ts'
import type { Readers, TaskBundle } from '../../src/interface/bundle.ts'

/** Both ways to say who may read. */
const ways: Record<string, (scene: PrivateSession) => Readers> = {
  'a list': ({ assigned }) => assigned.map(({ address }) => address),
  'a function': ({ assigned }) => async ({ address }) => await Promise.resolve(assigned.some(miner => miner.address === address))
}

/** A task that two of five miners may read, and have. */
async function assign (way: string): Promise<{ scene: PrivateSession, task: TaskBundle, readers: Readers }> {
  const scene = await PrivateSession.start()
  const task = await scene.publish()
  await scene.expectClosed(task.urn, scene.miners, [at(scene.router)])
  const readers = ways[way]?.(scene) ?? expect.fail('no such way')
  await task.setReaders(readers)
  await scene.fetchAssigned(task.urn)
  return { scene, task, readers }
}

describe.each(Object.keys(ways))('a task whose readers are %s', { timeout: 60_000 }, way => {
  it('is read by those who are assigned, and by nobody else from anybody', async () => {
    const { scene, task } = await assign(way)
    await scene.expectClosed(task.urn)
  })

  it('gives nothing to a plain Helia, whoever it asks', async () => {
    const { scene, task } = await assign(way)
    const cids = await blocksOf(task)
    for (const holder of [scene.router, ...scene.assigned]) {
      const helia = await startHelia()
      await dial(helia, at(holder))
      const asking = cids.map(async cid => readFrom(helia, cid, holder.peerId, AbortSignal.timeout(1_000)))
      expect((await Promise.allSettled(asking)).map(({ status }) => status)).toEqual(cids.map(() => 'rejected'))
    }
    // It would get them if it might.
    await task.setReaders('anyone')
    const helia = await startHelia()
    await dial(helia, at(scene.router))
    for (const cid of cids) expect((await readFrom(helia, cid, scene.router.peerId)).length).toBeGreaterThan(0)
  })

  it('stays closed when the router starts again, and goes to the same miners as before', async () => {
    const { scene, task, readers } = await assign(way)
    const cids = await blocksOf(task)
    const router = await scene.bootRouter()
    await scene.expectClosed(task.urn)
    for (const miner of scene.assigned) await forget(miner, task.urn)
    const reopened = await router.open(task.urn)
    expect(await blocksOf(reopened)).toEqual(cids)
    expect(router.health().problems.map(({ code }) => code).filter(code => code === 'READERS_LOST')).toHaveLength(way === 'a list' ? 0 : 1)
    if (way === 'a function') {
      await scene.expectClosed(task.urn, scene.miners, [at(router)])
      await reopened.setReaders(readers)
      expect(router.health().problems.filter(({ code }) => code === 'READERS_LOST')).toEqual([])
    }
    await scene.fetchAssigned(task.urn)
    await scene.expectClosed(task.urn)
  })

  it('is not given to a reader any more from its next request on', async () => {
    const { scene, task } = await assign(way)
    const [stays, goes] = scene.assigned
    for (const miner of scene.assigned) await forget(miner, task.urn)
    await task.setReaders(way === 'a list' ? [stays.address] : ({ address }) => address === stays.address)
    await scene.expectClosed(task.urn, [goes, ...scene.others], [at(scene.router)])
    await using read = await stays.fetchTaskBundle(task.urn, { providers: [at(scene.router)] })
    expect(await read.bytes('inputs/secret.txt')).toHaveLength(15)
  })

  it('comes back to its router from a miner that has it, when the router lost its disk', async () => {
    const { scene, task } = await assign(way)
    const [miner] = scene.assigned
    const router = await scene.bootRouter(':memory:')
    await using back = await router.fetchTaskBundle(task.urn, { providers: [at(miner)] })
    expect(back.access).toBe('restricted')
    expect(await Array.fromAsync(router.list())).toMatchObject([{ readers: [router.address] }])
    await scene.expectClosed(task.urn, scene.others, [at(router)])
  })
})
