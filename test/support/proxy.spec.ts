import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { startProxy } from './proxy.ts'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Direction, Proxy, ProxyInit } from './proxy.ts'

const ended: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end()
})

describe('startProxy', () => {
  it('carries bytes in their order and ends when the sender does', async () => {
    const sent = randomBytes(5_000_000)
    const { proxy, accepted } = await link({ oneWayDelayMs: 3 })
    const client = open(proxy)
    client.end(sent)
    const server = await accepted
    server.end('answer')
    expect((await buffer(server)).equals(sent)).toBe(true)
    expect((await buffer(client)).toString()).toBe('answer')
  })

  it('counts bytes of each direction, and a request with its answer as two changes', async () => {
    const seen: [Direction, number][] = []
    const { proxy, accepted } = await link({ onBytes: (direction, bytes) => { seen.push([direction, bytes]) } })
    const client = open(proxy)
    client.write('hello')
    const server = await accepted
    for (let turn = 0; turn < 3; turn++) {
      await once(server, 'data')
      server.write('hi')
      await once(client, 'data')
      client.write('hello')
    }
    await once(server, 'data')
    expect(proxy.stats()).toEqual({ connections: 1, upBytes: 20, downBytes: 6, directionChanges: 6 })
    expect(seen.slice(0, 2)).toEqual([['up', 5], ['down', 2]])
  })

  it('delivers nothing before its time', async () => {
    const { proxy, accepted } = await link({ oneWayDelayMs: 30 })
    const client = open(proxy)
    const startedAt = performance.now()
    client.write('x')
    await once(await accepted, 'data')
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(30)
  })

  it('carries no more than its rate, over all connections', async () => {
    const { proxy, server } = await link({ bytesPerSecond: 1_000_000 })
    const startedAt = performance.now()
    server.on('connection', (socket) => { socket.resume().once('end', () => { socket.end() }) })
    const clients = [open(proxy), open(proxy)]
    for (const client of clients) client.end(Buffer.alloc(100_000))
    await Promise.all(clients.map(client => once(client.resume(), 'close')))
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(200)
  })

  it('holds back a sender whose receiver does not read', async () => {
    const { proxy, accepted } = await link({})
    const client = open(proxy)
    const server = await accepted
    server.pause()
    const piece = Buffer.alloc(1024 * 1024)
    const total = 64 * piece.length
    client.write(piece)
    for (let sent = piece.length; sent < total; sent += piece.length) client.write(piece)
    let before = -1
    while (proxy.stats().upBytes > before) {
      before = proxy.stats().upBytes
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    expect(before).toBeLessThan(total)
    let received = 0
    server.on('data', (bytes) => { received += bytes.length })
    client.end()
    server.resume()
    await once(server, 'end')
    expect(received).toBe(total)
  })

  it('stalls and goes on without losing anything', async () => {
    const { proxy, accepted } = await link({})
    const client = open(proxy)
    client.write('a')
    const server = await accepted
    await once(server, 'data')
    proxy.stall()
    let late = ''
    server.on('data', (bytes) => { late += bytes.toString() })
    client.write('b')
    while (proxy.stats().upBytes < 2) await new Promise(resolve => setImmediate(resolve))
    expect(late).toBe('')
    client.end('c')
    proxy.resume()
    await once(server, 'end')
    expect(late).toBe('bc')
  })

  it('resets its connections and takes new ones', async () => {
    const { proxy, accepted } = await link({})
    const client = open(proxy)
    client.write('a')
    const server = await accepted
    const ends = Promise.all([failure(client), failure(server)])
    proxy.killConnections()
    expect(await ends).toEqual(['ECONNRESET', 'ECONNRESET'])
    const again = open(proxy)
    await once(again, 'connect')
    expect(again.destroyed).toBe(false)
  })

  it('refuses connections once it is stopped', async () => {
    const { proxy } = await link({})
    const { port } = proxy
    await proxy.stop()
    expect(await failure(connect(port, '127.0.0.1'))).toBe('ECONNREFUSED')
  })
})

async function link (init: Omit<ProxyInit, 'target'>): Promise<{ proxy: Proxy, server: Server, accepted: Promise<Socket> }> {
  const server = createServer({ allowHalfOpen: true })
  const accepted = once(server, 'connection').then(([socket]) => socket as Socket)
  server.on('connection', (socket) => {
    ended.push(async () => { socket.destroy() })
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ended.push(async () => new Promise(resolve => { server.close(resolve) }))
  const proxy = await startProxy({ target: (server.address() as AddressInfo).port, ...init })
  ended.push(async () => proxy.stop().catch(() => {}))
  return { proxy, server, accepted }
}

function open (proxy: Proxy): Socket {
  const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  ended.push(async () => { socket.destroy() })
  return socket
}

async function failure (socket: Socket): Promise<string | undefined> {
  return new Promise(resolve => {
    socket.once('error', (error: NodeJS.ErrnoException) => { resolve(error.code) })
    socket.resume()
  })
}
