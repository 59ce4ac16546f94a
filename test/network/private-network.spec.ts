import { once } from 'node:events'
import { createServer } from 'node:net'
import { inspect } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { NetworkKeyMismatchError, PeerUnreachableError } from '../../src/errors.ts'
import { PrivateNetwork } from '../../src/network/private-network.ts'
import { addressOfNetwork, loopback, startNetwork } from './support.ts'
import type { AddressInfo, Socket } from 'node:net'

const protocol = '/test/echo/1'
const [networkKey, otherKey] = ['0a'.repeat(32), '0b'.repeat(32)]

/** What a TCP server gets from whoever connects, and an address where it is. */
async function startServer (answer: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    answer(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => { server.close() })
  return `/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}`
}

describe('a private network', () => {
  it('carries what its nodes send, whatever its size', async () => {
    const router = await startNetwork(1, { listen: loopback, networkKey })
    await router.handle(protocol, async (stream) => {
      for await (const chunk of stream) stream.send(chunk)
      await stream.close()
    })
    const miner = await startNetwork(2, { networkKey: Buffer.from(networkKey, 'hex') })
    const stream = await miner.openStream(await miner.connect(addressOfNetwork(router)), protocol)
    const sent = Buffer.alloc(200_001, 'bytes that are sent ')
    stream.send(sent)
    await stream.close()
    const received: Uint8Array[] = []
    for await (const chunk of stream) received.push(chunk.subarray())
    expect(Buffer.concat(received).equals(sent)).toBe(true)
  })

  it('is not entered with another key or none, and who has another one is told', async () => {
    const router = await startNetwork(1, { listen: loopback, networkKey })
    const at = addressOfNetwork(router)
    const other = await startNetwork(2, { networkKey: otherKey })
    await expect(other.connect(at)).rejects.toMatchObject({
      name: 'NetworkKeyMismatchError', retryable: false,
      message: `${at} answers, and not under the networkKey of this node: both need the same one, or neither may have one`
    })
    const open = await startNetwork(3)
    await expect(open.connect(at, { signal: AbortSignal.timeout(5_000) })).rejects.toThrow()
    expect(router.connections).toBe(0)
    const own = await startNetwork(4, { networkKey })
    expect(await own.connect(at)).toMatchObject({ peerId: router.identity.peerId })
  })

  it('is not left: a node of it connects to nobody without the key', async () => {
    const node = await startNetwork(1, { networkKey })
    const greets = await startServer(socket => { socket.write('\x13/multistream/1.0.0\n') })
    await expect(node.connect(greets)).rejects.toThrow(NetworkKeyMismatchError)
    const closes = await startServer(socket => { socket.end() })
    await expect(node.connect(closes)).rejects.toThrow(PeerUnreachableError)
    const noise = await startServer(socket => { socket.write(Buffer.alloc(100, 7)) })
    await expect(node.connect(noise)).rejects.toThrow(NetworkKeyMismatchError)
  })

  it('sends a new nonce each time, and nothing that can be read', async () => {
    const received: Buffer[] = []
    const at = await startServer((socket) => {
      const pieces: Buffer[] = []
      socket.write(Buffer.alloc(24, 7))
      socket.on('data', (data: Buffer) => {
        pieces.push(data)
        if (Buffer.concat(pieces).length >= 24 + 20) {
          received.push(Buffer.concat(pieces))
          socket.destroy()
        }
      })
    })
    const node = await startNetwork(1, { networkKey })
    for (let i = 0; i < 2; i++) await expect(node.connect(at)).rejects.toThrow(NetworkKeyMismatchError)
    expect(new Set(received.map(bytes => bytes.subarray(0, 24).toString('hex'))).size).toBe(2)
    for (const bytes of received) expect(bytes.includes('multistream')).toBe(false)
  })

  it('does not show its key', () => {
    const shown = inspect(new PrivateNetwork(Buffer.from(networkKey, 'hex')), { depth: 20, showHidden: true })
    expect(shown).not.toMatch(/0a0a|10, 10|0a 0a/)
  })
})
