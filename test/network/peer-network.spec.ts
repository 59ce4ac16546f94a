import { memory } from '@libp2p/memory'
import { describe, expect, it } from 'vitest'
import { idleConnectionMs } from '../../src/limits.ts'
import { addressOfNetwork, startNetwork } from './support.ts'
import type { NetworkInit } from '../../src/network/network.ts'
import type { Network } from '../../src/interface/network.ts'

const protocol = '/test/limits/1'
const transports = [memory()]
let clock = 0

type Running = Awaited<ReturnType<typeof startNetwork>>

async function startNode (n: number, init: Partial<NetworkInit> = {}): Promise<Running> {
  return await startNetwork(n, { listen: [`/memory/peer-network-${n}`], transports, now: () => clock, ...init })
}

/** A node that connects to another one, and whether it is connected still. */
async function connect (n: number, node: Running): Promise<{ peer: Running, isConnected: () => Promise<boolean> }> {
  const peer = await startNetwork(n, { transports })
  await peer.connect(addressOfNetwork(node)).catch(() => {})
  return { peer, isConnected: async () => await isConnected(node, peer) }
}

async function isConnected (node: Network, { identity }: Running): Promise<boolean> {
  return await node.connect(identity.peerId).then(() => true, () => false)
}

describe('PeerNetwork', () => {
  it('lets the stranger go that has been idle longest when all its connections are taken, and none of its routers', async () => {
    const router = await startNode(402)
    const node = await startNode(401, { limits: { connections: 3 }, routers: router.multiaddrs })
    await node.ready()
    const { peer: first, isConnected: isFirst } = await connect(403, node)
    clock += 1
    const { isConnected: isSecond } = await connect(404, node)
    expect(node.connections).toBe(3)
    const { isConnected: isEarly } = await connect(405, node)
    await expect.poll(isEarly).toBe(false)

    clock += idleConnectionMs
    await node.handle(protocol, async (stream) => { await stream.close() })
    await first.openStream(await first.connect(addressOfNetwork(node)), protocol)
    const { isConnected: isThird } = await connect(406, node)
    await expect.poll(isSecond).toBe(false)
    expect(await Promise.all([isFirst(), isThird(), isConnected(node, router)])).toEqual([true, true, true])
    expect(node.connections).toBe(3)
  })

  it('counts the streams of a peer, and not those of others', async () => {
    const node = await startNode(407, { limits: { streamsPerPeer: 2 } })
    const hanging = Promise.withResolvers<undefined>()
    await node.handle(protocol, async () => { await hanging.promise })
    const { peer } = await connect(408, node)
    const known = await peer.connect(addressOfNetwork(node))
    const streams = [await peer.openStream(known, protocol), await peer.openStream(known, protocol), await peer.openStream(known, protocol)]
    await expect.poll(() => streams.map(({ status }) => status === 'open')).toEqual([true, true, false])
    const { peer: other } = await connect(409, node)
    const stream = await other.openStream(await other.connect(addressOfNetwork(node)), protocol)
    await node.lines.until('as many streams open')
    expect(stream.status).toBe('open')
    hanging.resolve(undefined)
  })
})
