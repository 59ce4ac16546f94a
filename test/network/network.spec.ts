import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { memory } from '@libp2p/memory'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ListenError, PeerDeniedError, PeerUnreachableError, RefusedError, StoppedError } from '../../src/errors.ts'
import { pendingHandshakesMax } from '../../src/limits.ts'
import { addressOfNetwork, blockOf, identityOf, loopback, portOf, readerOf, startNetwork } from './support.ts'
import type { AddressInfo, Socket } from 'node:net'
import type { Stream } from '@libp2p/interface'
import type { StreamHandler } from '../../src/interface/network.ts'

const protocol = '/test/echo/1'

const echo: StreamHandler = async (stream) => {
  for await (const chunk of stream) {
    stream.send(chunk)
  }
  await stream.close()
}

async function ask (stream: Stream, text: string): Promise<string> {
  stream.send(new TextEncoder().encode(text))
  await stream.close()
  let answer = ''
  for await (const chunk of stream) {
    answer += new TextDecoder().decode(chunk.subarray())
  }
  return answer
}

describe.each([
  ['TCP', { listen: loopback, transports: undefined }],
  ['memory', { listen: ['/memory/network-spec'], transports: [memory()] }]
])('network over %s', (_, { listen, transports }) => {
  it('connects to a multiaddr, proves who is there and carries a stream', async () => {
    const router = await startNetwork(1, { listen, transports })
    const miner = await startNetwork(2, { transports })
    let caller: unknown
    await router.handle(protocol, async (stream, peer, meter) => {
      caller = peer
      await echo(stream, peer, meter)
    })
    const peer = await miner.connect(addressOfNetwork(router))
    expect(peer).toEqual({ address: router.identity.address, peerId: router.identity.peerId })
    const stream = await miner.openStream(peer, protocol)
    expect(await ask(stream, 'hello')).toBe('hello')
    expect(caller).toEqual({ address: miner.identity.address, peerId: miner.identity.peerId })
    expect(await router.connect(miner.identity.address.toUpperCase().replace('0X', '0x'))).toEqual(caller)
    expect(await router.connect(miner.identity.peerId)).toEqual(caller)
    expect(router.connections).toBe(1)
  })

  it('serves public blocks by bitswap to a node of its own kind, and reads them', async () => {
    const block = await blockOf('public')
    const router = await startNetwork(1, { listen, transports, publicBlocks: readerOf(block) })
    const miner = await startNetwork(2, { transports })
    const peer = await miner.connect(addressOfNetwork(router))
    expect(await miner.bitswap(block.cid, [peer]).get(block.cid)).toEqual(block.bytes)
  })
})

describe('network', () => {
  it('says why a stream cannot be opened', async () => {
    const router = await startNetwork(1, { listen: loopback })
    const miner = await startNetwork(2)
    const peer = await miner.connect(addressOfNetwork(router))
    await expect(miner.openStream(peer, '/unknown/1')).rejects.toThrow(RefusedError)
    const disconnected = new Promise<string>((resolve) => { miner.onDisconnect(resolve) })
    await router.stop()
    expect(await disconnected).toBe(peer.peerId)
    await expect(miner.openStream(peer, protocol)).rejects.toThrow(PeerUnreachableError)
    await expect(miner.connect(peer.peerId)).rejects.toThrow(PeerUnreachableError)
  })

  it('resets the stream of a handler that throws, logs it, and stays', async () => {
    const router = await startNetwork(1, { listen: loopback })
    await router.handle('/test/throws/1', () => { throw new Error('on purpose') })
    const miner = await startNetwork(2)
    const peer = await miner.connect(addressOfNetwork(router))
    const stream = await miner.openStream(peer, '/test/throws/1')
    await expect(ask(stream, 'hello')).rejects.toThrow()
    await router.lines.until('on purpose')
    expect(await miner.connect(router.identity.address)).toEqual(peer)
  })

  it('keeps on when a listener for disconnections throws', async () => {
    const router = await startNetwork(1, { listen: loopback })
    const miner = await startNetwork(2)
    await miner.connect(addressOfNetwork(router))
    miner.onDisconnect(() => { throw new Error('in a listener') })
    await router.stop()
    await miner.lines.until('in a listener')
  })

  it('lets in those who are allowed, closes the connections of those who are not any more, and lets them back', async () => {
    const [allowed, stranger] = [await startNetwork(2), await startNetwork(3)]
    const router = await startNetwork(1, { listen: loopback, peers: { allow: [allowed.identity.address] } })
    const peer = await allowed.connect(addressOfNetwork(router))
    await stranger.connect(addressOfNetwork(router)).catch(() => {})
    await router.lines.until(`refused ${stranger.identity.address}`)
    expect(router.connections).toBe(1)
    const closed = new Promise<string>((resolve) => { allowed.onDisconnect(resolve) })
    router.setPeers({ deny: [allowed.identity.peerId] })
    expect(await closed).toBe(peer.peerId)
    await allowed.connect(addressOfNetwork(router)).catch(() => {})
    await router.lines.until(`refused ${allowed.identity.address}`)
    router.setPeers({})
    // Another node with its key: what the first one dialled may look open to it for a moment longer.
    const back = await startNetwork(2)
    await expect(back.openStream(await back.connect(addressOfNetwork(router)), protocol)).rejects.toThrow(RefusedError)
    expect(await router.connect(allowed.identity.address)).toMatchObject({ peerId: allowed.identity.peerId })
  })

  it('opens no socket to a peer that is denied, and leaves one that it finds out about', async () => {
    let sockets = 0
    const server = createServer(() => { sockets++ }).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    onTestFinished(() => { server.close() })
    const { port } = server.address() as AddressInfo
    const router = await startNetwork(1, { listen: loopback })
    const label = `${router.identity.address}@127.0.0.1:${port}`
    const miner = await startNetwork(2, { peers: { deny: [router.identity.address] }, routers: [label] })
    await expect(miner.connect(`/ip4/127.0.0.1/tcp/${port}/p2p/${router.identity.peerId}`)).rejects.toThrow(PeerDeniedError)
    await miner.lines.until('is not reached')
    expect(miner.routers()[0]?.lastError).toContain('is on its deny-list')
    expect(sockets).toBe(0)
    const bare = `/ip4/127.0.0.1/tcp/${portOf(router)}`
    await expect(miner.connect(bare)).rejects.toMatchObject({ name: 'PeerDeniedError', details: { peer: router.identity.address } })
    expect(miner.connections).toBe(0)
  })

  it('stays connected to its routers whoever is allowed, also to one that was named by its place alone', async () => {
    const [named, placed] = [await startNetwork(1, { listen: loopback }), await startNetwork(2, { listen: loopback })]
    const other = await startNetwork(4, { listen: loopback })
    const routers = [`${named.identity.address}@127.0.0.1:${portOf(named)}`, `/ip4/127.0.0.1/tcp/${portOf(placed)}`]
    const miner = await startNetwork(3, { routers, peers: { allow: [] } })
    await miner.ready({ signal: AbortSignal.timeout(10_000) })
    miner.setPeers({ allow: [] })
    expect(miner.routers()).toMatchObject([{ state: 'connected' }, { state: 'connected' }])
    await expect(miner.connect(addressOfNetwork(other))).rejects.toThrow(PeerDeniedError)
  })

  it('names the address that it cannot listen on', async () => {
    const router = await startNetwork(1, { listen: loopback })
    const second = startNetwork(2, { listen: [`/ip4/127.0.0.1/tcp/${portOf(router)}`] })
    const error: unknown = await second.catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ListenError)
    expect(String(error)).toContain(`/ip4/127.0.0.1/tcp/${portOf(router)}`)
    expect(String(error)).toContain('EADDRINUSE')
  })

  it('announces what it is told to, and what it listens on otherwise', async () => {
    const silent = await startNetwork(1)
    expect(silent.multiaddrs).toEqual([])
    const announcing = await startNetwork(2, { listen: loopback, announce: ['/dns4/router.example/tcp/9100'] })
    expect(announcing.multiaddrs).toEqual([`/dns4/router.example/tcp/9100/p2p/${announcing.identity.peerId}`])
    const plain = await startNetwork(3, { listen: 0 })
    expect(plain.multiaddrs.length).toBeGreaterThan(0)
    expect(plain.multiaddrs.every(address => address.endsWith(`/p2p/${plain.identity.peerId}`))).toBe(true)
  })

  it('accepts fifty connections at once from one host', { timeout: 60_000 }, async () => {
    const router = await startNetwork(1, { listen: loopback })
    const miners = await Promise.all(Array.from({ length: 50 }, (_, i) => startNetwork(100 + i)))
    const peers = await Promise.all(miners.map(miner => miner.connect(addressOfNetwork(router))))
    expect(new Set(peers.map(({ address }) => address))).toEqual(new Set([router.identity.address]))
    const refusals = peers.map((peer, i) => expect(miners[i]?.openStream(peer, protocol)).rejects.toThrow(RefusedError))
    await Promise.all(refusals)
    expect(router.connections).toBe(50)
  })

  it.skipIf(process.platform !== 'linux')('is reached while more silent sockets than it takes handshakes come from as many addresses', async () => {
    const router = await startNetwork(1, { listen: loopback })
    const sockets: Socket[] = []
    onTestFinished(() => { for (const socket of sockets) socket.destroy() })
    for (let n = 0; n < pendingHandshakesMax + 20; n++) {
      const socket = connect({ port: portOf(router), host: '127.0.0.1', localAddress: `127.1.${n >> 8}.${n & 255}` })
      socket.on('error', () => {})
      sockets.push(socket)
      await once(socket, 'connect')
    }
    const miners = await Promise.all([2, 3, 4].map(n => startNetwork(n)))
    await Promise.all(miners.map(async (miner) => {
      await expect(miner.openStream(await miner.connect(addressOfNetwork(router)), protocol)).rejects.toThrow(RefusedError)
    }))
    expect(router.connections).toBe(3)
  })

  it('waits for a router that starts later, and finds it again after a restart', { timeout: 30_000 }, async () => {
    const first = await startNetwork(1, { listen: loopback })
    const port = portOf(first)
    await first.stop()
    const label = `${first.identity.address}@127.0.0.1:${port}`
    const miner = await startNetwork(2, { routers: [label] })
    await miner.lines.until('is not reached')
    expect(miner.routers()).toMatchObject([{ router: label, state: 'waiting' }])
    expect(miner.routers()[0]?.lastError).toContain('ECONNREFUSED')
    const second = await startNetwork(1, { listen: [`/ip4/127.0.0.1/tcp/${port}`] })
    await miner.ready({ signal: AbortSignal.timeout(10_000) })
    expect(await miner.routerPeers()[0]?.connect()).toEqual({ address: second.identity.address, peerId: second.identity.peerId })
    await second.stop()
    await miner.lines.until('was lost')
    expect(miner.routers()).not.toMatchObject([{ state: 'connected' }])
    await startNetwork(1, { listen: [`/ip4/127.0.0.1/tcp/${port}`] })
    await miner.ready({ signal: AbortSignal.timeout(10_000) })
    expect(miner.routers()).toMatchObject([{ state: 'connected', address: first.identity.address }])
  })

  it('is ready when nodes are routers of one another', { timeout: 30_000 }, async () => {
    const addresses = [1, 2, 3, 4].map(n => `/memory/one-another-${n}`)
    const networks = await Promise.all(addresses.map((address, i) => startNetwork(i + 1, {
      listen: [address], routers: addresses.filter(other => other !== address), transports: [memory({ latency: 5 })]
    })))
    await Promise.all(networks.map(network => network.ready({ signal: AbortSignal.timeout(20_000) })))
    expect(networks.map(network => network.routers().filter(({ state }) => state === 'connected').length)).toEqual([3, 3, 3, 3])
  })

  it('takes a connection that the router made for its own', { timeout: 30_000 }, async () => {
    const miner = await startNetwork(2, { listen: loopback, routers: [`${identityOf(1).address}@127.0.0.1:9`] })
    await miner.lines.until('is not reached')
    const router = await startNetwork(1)
    await router.connect(addressOfNetwork(miner))
    await miner.ready({ signal: AbortSignal.timeout(10_000) })
    expect(await miner.routerPeers()[0]?.connect()).toEqual({ address: router.identity.address, peerId: router.identity.peerId })
  })

  it('refuses a router whose address is another one, names it, and keeps the others', { timeout: 30_000 }, async () => {
    const right = await startNetwork(1, { listen: loopback })
    const wrong = await startNetwork(2, { listen: loopback })
    const label = `${right.identity.address}@localhost:${portOf(right)}`
    const miner = await startNetwork(3, { routers: [label] })
    await miner.ready({ signal: AbortSignal.timeout(10_000) })
    const other = await startNetwork(4, { routers: [`0x${'00'.repeat(20)}@127.0.0.1:${portOf(wrong)}`, label] })
    await other.lines.until('is not reached')
    await other.lines.until('is connected')
    expect(other.routers()[0]?.lastError).toContain(wrong.identity.address)
    expect(other.routers()[1]?.state).toBe('connected')
    await expect(other.connect(wrong.identity.peerId)).rejects.toThrow(PeerUnreachableError)
    await expect(other.ready({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  })

  it('rejects a dial with the reason of its signal, and in time', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => { silent.once('listening', resolve) })
    const address = silent.address()
    const port = typeof address === 'object' ? address?.port ?? 0 : 0
    const miner = await startNetwork(2)
    const abort = new AbortController()
    const dial = miner.connect(`/ip4/127.0.0.1/tcp/${port}`, { signal: abort.signal })
    silent.once('connection', () => { abort.abort(new Error('changed my mind')) })
    await expect(dial).rejects.toThrow('changed my mind')
    silent.close()
  })

  it('stops in the middle of streams, dials and waits, twice if asked', { timeout: 20_000 }, async () => {
    const router = await startNetwork(1, { listen: loopback })
    let ended = 0
    await router.handle('/test/hang/1', async (stream) => {
      await new Promise((resolve) => { stream.addEventListener('close', resolve) })
      ended++
    })
    const miner = await startNetwork(2, { routers: ['/ip4/127.0.0.1/tcp/9'] })
    const peer = await miner.connect(addressOfNetwork(router))
    const streams = await Promise.all(Array.from({ length: 5 }, () => miner.openStream(peer, '/test/hang/1')))
    const ends = streams.map(stream => new Promise((resolve) => {
      stream.addEventListener('close', ({ error }) => { resolve(error) })
    }))
    const ready = expect(miner.ready()).rejects.toThrow(StoppedError)
    await Promise.all([miner.stop(), router.stop(), router.stop()])
    await ready
    expect(ended).toBe(5)
    expect((await Promise.all(ends)).every(error => error instanceof StoppedError)).toBe(true)
    await expect(miner.connect(addressOfNetworkOrNone(router))).rejects.toThrow(StoppedError)
  })
})

function addressOfNetworkOrNone ({ multiaddrs }: { multiaddrs: readonly string[] }): string {
  return multiaddrs[0] ?? '/ip4/127.0.0.1/tcp/1'
}
