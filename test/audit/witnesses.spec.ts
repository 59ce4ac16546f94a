import { describe, expect, it } from 'vitest'
import { StaleTrailError } from '../../src/errors.ts'
import { ClockSkew } from '../../src/audit/clock-skew.ts'
import { Forks } from '../../src/audit/forks.ts'
import { KeptCheckpoints } from '../../src/audit/kept-checkpoints.ts'
import { TrailGuard } from '../../src/audit/trail-guard.ts'
import { Witnesses } from '../../src/audit/witnesses.ts'
import { answerWitness } from '../../src/audit/answer-witness.ts'
import { encodeWitnessAnswer, witnessBound, witnessProtocol } from '../../src/format/witness-messages.ts'
import { encodeSeenCheckpoint } from '../../src/format/seen-checkpoint.ts'
import { statementSkewMsMax } from '../../src/limits.ts'
import { MessageStream } from '../../src/transfer/message-stream.ts'
import { serveWitness } from '../../src/transfer/serve-witness.ts'
import { startPeer } from '../transfer/support.ts'
import { identityOf } from '../network/support.ts'
import { memoryFiles } from './memory-files.ts'
import { headOfEntries, otherHead, seenOf } from './seen.ts'
import { numbered, openOn, signerOf } from './trails.ts'
import type { ConnectedPeer, Network } from '../../src/interface/network.ts'
import type { WitnessRequest } from '../../src/interface/witness.ts'
import type { Trail } from '../../src/audit/trail.ts'

type Peer = Awaited<ReturnType<typeof startPeer>>

interface Router extends Peer {
  kept: KeptCheckpoints
  requests: WitnessRequest['op'][]
}

const { origin } = signerOf()
let clock = 0

async function startRouter (n: number): Promise<Router> {
  const peer = await startPeer(n)
  const requests: Router['requests'] = []
  const kept = new KeptCheckpoints({ files: memoryFiles(), log: () => {} })
  const components = { kept, forks: new Forks({ files: memoryFiles(), log: () => {} }), followed: () => undefined, ownLog: async () => ({ status: 'not-found' as const }) }
  await serveWitness({
    network: peer, clock: () => clock, answer: async (request, from, options) => {
      requests.push(request.op)
      return await answerWitness(components, request, from, options)
    }
  })
  return Object.assign(peer, { kept, requests })
}

/** A node with the key of the trails, these routers, and what it knows of them. */
async function startNode (routers: Peer[]): Promise<{ witnesses: Witnesses, guard: TrailGuard, skew: ClockSkew, trail: Trail, lines: string[] }> {
  const node = await startPeer(1)
  const connected: ConnectedPeer[] = []
  for (const router of routers) connected.push(await node.connect(router.dialled))
  const network: Pick<Network, 'openStream' | 'routerPeers' | 'onRouter'> = {
    openStream: async (...args) => await node.openStream(...args),
    routerPeers: () => connected.map(peer => ({ name: peer.address ?? '', find: () => peer, connect: async () => peer })),
    onRouter: () => {}
  }
  const lines: string[] = []
  const log = (line: string): void => { lines.push(line) }
  const files = memoryFiles()
  const guard: TrailGuard = new TrailGuard({
    origin, sources: () => witnesses.sources(), kept: new KeptCheckpoints({ files, log }), forks: new Forks({ files, log }), log, timeoutMs: 5_000
  })
  const skew = new ClockSkew()
  const witnesses = new Witnesses({ guard, skew, clock: () => 0, log })
  witnesses.start(network)
  const trail = await openOn()
  await trail.append(numbered(3))
  return { witnesses, guard, skew, trail, lines }
}

describe('Witnesses', () => {
  it('have each newer checkpoint, told in one turn', async () => {
    const routers = [await startRouter(2), await startRouter(3)]
    const { witnesses, guard, trail } = await startNode(routers)
    await guard.pass(trail)
    for (const size of [3, 300]) {
      await trail.append(numbered(size - trail.size, trail.size))
      await witnesses.tell(trail)
      await witnesses.tell(trail)
      expect([...witnesses.of(size)].sort()).toEqual([identityOf(2).address, identityOf(3).address].sort())
      for (const { kept } of routers) expect((await kept.find(origin))?.checkpoint.size).toBe(size)
    }
    expect(routers[0]!.requests).toEqual(['ask', 'add', 'add'])
    expect(witnesses.of(301)).toEqual([])
    expect(witnesses.isUnwitnessed).toBe(false)
  })

  it('are told a moment after a checkpoint was made, and at once when the node stops', async () => {
    const router = await startRouter(2)
    const { witnesses, trail } = await startNode([router])
    witnesses.note(trail)
    expect(router.requests).toEqual([])
    await witnesses.stop()
    expect((await router.kept.find(origin))?.checkpoint.size).toBe(3)
    witnesses.note(trail)
    await witnesses.stop()
    expect(router.requests).toEqual(['add'])
  })

  it('are told from where they are, also when that is not what was thought', async () => {
    const router = await startRouter(2)
    const { witnesses, trail } = await startNode([router])
    await router.kept.keep(await seenOf(headOfEntries(numbered(2))))
    await witnesses.tell(trail)
    expect(router.requests).toEqual(['add', 'add'])
    expect((await router.kept.find(origin))?.checkpoint.size).toBe(3)
    expect(witnesses.of(3)).toEqual([identityOf(2).address])
  })

  it('stop a trail that is not the one that they have seen', async () => {
    const router = await startRouter(2)
    const { witnesses, guard, trail } = await startNode([router])
    await guard.pass(trail)
    await router.kept.keep(await seenOf(otherHead(9)))
    await witnesses.tell(trail)
    expect(guard.refusal).toBeInstanceOf(StaleTrailError)
    expect(witnesses.of(0)).toEqual([])
  })

  it('are none when no router answers as one, and that is known', async () => {
    const { witnesses, guard, trail, lines } = await startNode([await startPeer(2)])
    await guard.pass(trail)
    await witnesses.tell(trail)
    expect(witnesses.isUnwitnessed).toBe(true)
    expect(witnesses.of(0)).toEqual([])
    expect(lines.at(-1)).toMatch(/^the checkpoint of 3 entries is not with all routers/)
  })

  it('show what the time is, so that a clock that is wrong is known', async () => {
    clock = statementSkewMsMax * 2
    const { guard, skew, trail } = await startNode([await startRouter(2)])
    await guard.pass(trail)
    expect(skew.ms).toBeCloseTo(-clock)
    clock = 0
  })

  it.each([
    ['an old checkpoint', async () => encodeSeenCheckpoint(await seenOf(headOfEntries(numbered(1))))],
    ['one of another key', async () => encodeSeenCheckpoint(await seenOf(otherHead(9), signerOf(5)))],
    ['garbage', async () => await Promise.resolve(Uint8Array.of(1, 2, 3))]
  ])('do no harm by %s', async (_, lie) => {
    const checkpoint = await lie()
    const liar = await startPeer(2)
    let asked = 0
    await liar.handle(witnessProtocol, async opened => {
      const stream = new MessageStream(opened, witnessBound)
      await stream.receive(10_000, () => new Error('nothing came'))
      await stream.send(encodeWitnessAnswer({ status: asked++ === 0 ? 'ok' : 'conflict', time: 0, checkpoint }))
      await opened.close()
    })
    const { witnesses, guard, trail } = await startNode([liar])
    await guard.pass(trail)
    await witnesses.tell(trail)
    expect(guard.refusal).toBeUndefined()
    expect(witnesses.of(3)).toEqual([])
    expect(asked).toBeLessThanOrEqual(4)
  })
})
