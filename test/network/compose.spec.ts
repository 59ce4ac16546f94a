import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { identify } from '@libp2p/identify'
import { peerIdFromString } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createHeliaLight } from 'helia'
import { createLibp2p } from 'libp2p'
import { describe, expect, it, onTestFinished } from 'vitest'
import { UnavailableError } from '../../src/errors.ts'
import { compose } from '../../src/network/compose.ts'
import { addressOfNetwork, blockOf, identityOf, loopback, portOf, readerOf, startNetwork } from './support.ts'
import type { HeliaWithLibp2p } from '@helia/libp2p'
import type { Libp2p, Stream } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { AddressInfo } from 'node:net'

const bitswap = '/ipfs/bitswap/1.2.0'

function libp2pInit (): object {
  return {
    addresses: { listen: loopback },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() }
  }
}

/** Helia as anyone composes it. */
async function startHelia (): Promise<HeliaWithLibp2p<Record<string, unknown>>> {
  const helia = withBitswap(withLibp2pLight(createHeliaLight(), libp2pInit()))
  await helia.start()
  onTestFinished(async () => { await helia.stop() })
  return helia
}

/** A peer that says that it speaks bitswap, and notes who opens a stream for it. */
async function startSpy (): Promise<{
  spy: Libp2p
  identified: Promise<unknown>
  streams: Stream[]
  firstStream: Promise<undefined>
}> {
  const spy = await createLibp2p(libp2pInit())
  onTestFinished(async () => { await spy.stop() })
  const streams: Stream[] = []
  const first = Promise.withResolvers<undefined>()
  await spy.handle(bitswap, (stream) => {
    streams.push(stream)
    first.resolve(undefined)
  })
  const identified = new Promise((resolve) => { spy.addEventListener('peer:identify', resolve) })
  return { spy, identified, streams, firstStream: first.promise }
}

function addressOf ({ libp2p }: { libp2p: Libp2p }): string {
  return String(libp2p.getMultiaddrs()[0])
}

async function readFrom (
  helia: HeliaWithLibp2p<Record<string, unknown>>, cid: CID, peerId: string, signal = AbortSignal.timeout(10_000)
): Promise<Uint8Array[]> {
  const session = helia.blockstore.createSession(cid, {
    providers: [peerIdFromString(peerId).toCID()], minProviders: 1, maxProviders: 1
  })
  return await Array.fromAsync(session.get(cid, { signal }))
}

describe('compose', () => {
  it('serves public blocks to a plain Helia, and no others', async () => {
    const [open, hidden] = [await blockOf('open'), await blockOf('hidden')]
    const reader = readerOf(open)
    const node = await startNetwork(1, { listen: loopback, publicBlocks: reader })
    const helia = await startHelia()
    await helia.libp2p.dial(multiaddr(addressOfNetwork(node)))
    expect(Buffer.concat(await readFrom(helia, open.cid, node.identity.peerId))).toEqual(Buffer.from(open.bytes))
    await expect(readFrom(helia, hidden.cid, node.identity.peerId)).rejects.toThrow()
    expect(reader.asked).toEqual([open.cid.toString()])
  })

  it('reads from a plain Helia, says when it does not have a block, and stores nothing', async () => {
    const [block, missing] = [await blockOf('of Helia'), await blockOf('of nobody')]
    const helia = await startHelia()
    await helia.blockstore.put(block.cid, block.bytes)
    const reader = readerOf()
    const node = await startNetwork(1, { publicBlocks: reader })
    const peer = await node.connect(addressOf(helia))
    expect(peer.address).toBeUndefined()
    const blocks = node.bitswap(block.cid, [peer])
    expect(await blocks.get(block.cid, { signal: AbortSignal.timeout(10_000) })).toEqual(block.bytes)
    await expect(blocks.get(missing.cid, { signal: AbortSignal.timeout(10_000) })).rejects.toThrow(UnavailableError)
    expect(await reader.has(block.cid)).toBe(false)
  })

  it('sends no want to a peer that was not named', async () => {
    const [block, missing] = [await blockOf('of Helia'), await blockOf('of nobody')]
    const helia = await startHelia()
    await helia.blockstore.put(block.cid, block.bytes)
    const { spy, identified, streams, firstStream } = await startSpy()
    const node = await startNetwork(1)
    const peer = await node.connect(addressOf(helia))
    const watcher = await node.connect(String(spy.getMultiaddrs()[0]))
    await identified
    const blocks = node.bitswap(block.cid, [peer])
    expect(await blocks.get(block.cid)).toEqual(block.bytes)
    await expect(blocks.get(missing.cid)).rejects.toThrow(UnavailableError)
    expect(streams).toEqual([])
    const abort = new AbortController()
    const asked = expect(node.bitswap(block.cid, [watcher]).get(missing.cid, { signal: abort.signal })).rejects.toThrow('seen')
    await firstStream
    abort.abort(new Error('seen'))
    await asked
    expect(streams).toHaveLength(1)
  })

  it('does not dial what peers say of themselves', async () => {
    const helia = await startHelia()
    const { key, publicBlocks } = { key: identityOf(1).libp2pKey, publicBlocks: readerOf() }
    const { DialGate } = await import('../../src/network/dial-gate.ts')
    const gate = new DialGate()
    const node = await compose({ key, publicBlocks, listen: [], announce: [], transports: [tcp()], gater: gate.gater })
    onTestFinished(() => node.stop())
    const identified = new Promise((resolve) => { node.libp2p.addEventListener('peer:identify', resolve) })
    const address = multiaddr(addressOf(helia))
    await gate.open(address, () => node.libp2p.dial(address))
    await identified
    expect((await node.libp2p.peerStore.get(helia.libp2p.peerId)).addresses.length).toBeGreaterThan(0)
    await node.libp2p.hangUp(helia.libp2p.peerId)
    await expect(node.libp2p.dialProtocol(helia.libp2p.peerId, bitswap)).rejects.toMatchObject({ name: 'DialDeniedError' })
    await expect(node.libp2p.dial(address)).rejects.toMatchObject({ name: 'DialDeniedError' })
  })

  it('does not call back a peer that left before its block was read', async () => {
    const [late, other] = [await blockOf('late'), await blockOf('other')]
    const blocks = readerOf(late, other)
    const left = Promise.withResolvers<string>()
    const asked = Promise.withResolvers<undefined>()
    const node = await startNetwork(1, { listen: loopback, publicBlocks: {
      has: cid => blocks.has(cid),
      get: async (cid) => {
        if (cid.equals(late.cid)) {
          asked.resolve(undefined)
          await left.promise
        }
        return await blocks.get(cid)
      }
    } })
    node.onDisconnect(left.resolve)
    const dialled = async (): Promise<Awaited<ReturnType<typeof startHelia>>> => {
      const helia = await startHelia()
      const identified = new Promise((resolve) => { helia.libp2p.addEventListener('peer:identify', resolve) })
      await helia.libp2p.dial(multiaddr(addressOfNetwork(node)))
      await identified
      return helia
    }
    const leaving = await dialled()
    const abort = new AbortController()
    const lost = expect(readFrom(leaving, late.cid, node.identity.peerId, abort.signal)).rejects.toThrow()
    await asked.promise
    let returned = 0
    leaving.libp2p.addEventListener('peer:connect', () => { returned++ })
    abort.abort()
    await lost
    await leaving.libp2p.hangUp(peerIdFromString(node.identity.peerId))
    expect(await left.promise).toBe(leaving.libp2p.peerId.toString())
    // a call back would be there long before another peer has connected and got its block
    const staying = await dialled()
    expect(Buffer.concat(await readFrom(staying, other.cid, node.identity.peerId))).toEqual(Buffer.from(other.bytes))
    expect(returned).toBe(0)
  })

  it('speaks identify and bitswap, and nothing else by itself', async () => {
    const node = await compose({
      key: identityOf(1).libp2pKey, publicBlocks: readerOf(), listen: [], announce: [], transports: [tcp()], gater: {}
    })
    onTestFinished(() => node.stop())
    expect(node.libp2p.getProtocols()).toEqual([bitswap, '/ipfs/id/1.0.0'])
    expect(node.libp2p.getMultiaddrs()).toEqual([])
  })

  it('opens no socket but the one to its router, and leaves nothing behind', { timeout: 60_000 }, async () => {
    const router = await startNetwork(1, { listen: loopback })
    const script = fileURLToPath(new URL('lone-node.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(
      process.execPath, [script, `${router.identity.address}@127.0.0.1:${portOf(router)}`], { timeout: 45_000 })
    const { sockets, resources } = JSON.parse(stdout) as { sockets: unknown[], resources: string[] }
    const names = resources.filter(name => /TCP|UDP|Pipe.*Server|HTTP/i.test(name))
    expect(names).toEqual(['TCPSocketWrap'])
    if (process.platform === 'linux') {
      expect(sockets).toEqual([{ protocol: 'tcp', isListening: false, remotePort: portOf(router) }])
    }
  })

  it('keeps its process alive while its only router is away, and connects when it comes', { timeout: 60_000 }, async () => {
    const dialled = Promise.withResolvers<undefined>()
    const closed = Promise.withResolvers<undefined>()
    const away = createServer((socket) => {
      socket.destroy()
      away.close(() => { closed.resolve(undefined) })
      dialled.resolve(undefined)
    }).listen(0, '127.0.0.1')
    await once(away, 'listening')
    const { port } = away.address() as AddressInfo
    const script = fileURLToPath(new URL('lone-node.ts', import.meta.url))
    const ended = promisify(execFile)(process.execPath, [script, `${identityOf(1).address}@127.0.0.1:${port}`], { timeout: 45_000 })
    await Promise.race([dialled.promise, ended])
    await closed.promise
    await startNetwork(1, { listen: [`/ip4/127.0.0.1/tcp/${port}`] })
    await expect(ended).resolves.toBeDefined()
  })
})
