import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bitswapProtocol } from '../../src/format/bitswap-message.ts'
import { compose } from '../../src/network/compose.ts'
import { addressOf, libp2pInit, startHelia } from './helia.ts'
import { identityOf, loopback, portOf, startNetwork } from './support.ts'
import type { AddressInfo } from 'node:net'

const identifyProtocols = ['/ipfs/id/1.0.0']

describe('compose', () => {
  it('asks nobody who it is', async () => {
    const peer = await createLibp2p({ ...libp2pInit(), services: {} })
    onTestFinished(() => peer.stop())
    const streams: string[] = []
    await peer.handle([...identifyProtocols, bitswapProtocol], ({ protocol }) => { streams.push(protocol) })
    const node = await compose({ key: identityOf(1).libp2pKey, listen: [], announce: [], transports: [tcp()], gater: {} })
    onTestFinished(() => node.stop())
    const connection = await node.libp2p.dial(peer.getMultiaddrs())
    // A stream that had been opened before this one would be there before it.
    await connection.newStream(bitswapProtocol)
    await expect.poll(() => streams.length).toBeGreaterThan(0)
    expect(streams).toEqual([bitswapProtocol])
  })

  it('tells who it is, and does not dial where a peer is said to be', async () => {
    const helia = await startHelia()
    const key = identityOf(1).libp2pKey
    const { DialGate } = await import('../../src/network/dial-gate.ts')
    const gate = new DialGate()
    const node = await compose({ key, listen: [], announce: [], transports: [tcp()], gater: gate.gater })
    onTestFinished(() => node.stop())
    const identified = new Promise((resolve) => { helia.libp2p.addEventListener('peer:identify', resolve) })
    const address = multiaddr(addressOf(helia))
    await gate.open(address, () => node.libp2p.dial(address))
    await identified
    await node.libp2p.peerStore.merge(helia.libp2p.peerId, { multiaddrs: [address] })
    await node.libp2p.hangUp(helia.libp2p.peerId)
    await expect(node.libp2p.dialProtocol(helia.libp2p.peerId, bitswapProtocol)).rejects.toMatchObject({ name: 'DialDeniedError' })
    await expect(node.libp2p.dial(address)).rejects.toMatchObject({ name: 'DialDeniedError' })
  })

  it('speaks identify, and nothing else by itself', async () => {
    const node = await compose({ key: identityOf(1).libp2pKey, listen: [], announce: [], transports: [tcp()], gater: {} })
    onTestFinished(() => node.stop())
    expect(node.libp2p.getProtocols()).toEqual(identifyProtocols)
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
