import { TypedEventEmitter } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { beforeEach, describe, expect, it } from 'vitest'
import { connectionsPerHostMax, inboundConnectionsSeconds, pendingHandshakesMax, pendingHandshakesPerHostMax } from '../../src/limits.ts'
import { HandshakeGate } from '../../src/network/handshake-gate.ts'
import type { MultiaddrConnection, PeerId } from '@libp2p/interface'

const peer = {} as PeerId
let port = 1
const aborted: string[] = []
beforeEach(() => { aborted.length = 0 })

/** An inbound connection from this host. */
function connectionFrom (host: string): MultiaddrConnection {
  const remoteAddr = multiaddr(`/ip4/${host}/tcp/${port++}`)
  const connection = Object.assign(new TypedEventEmitter(), {
    remoteAddr,
    abort: () => {
      aborted.push(remoteAddr.toString())
      connection.dispatchEvent(new Event('close'))
    }
  })
  return connection as unknown as MultiaddrConnection
}

const isDenied = async ({ gater }: HandshakeGate, connection: MultiaddrConnection): Promise<boolean> =>
  await gater.denyInboundConnection?.(connection) ?? false

/** A gate at which one more from this host would be too many. */
async function fill (gate: HandshakeGate, host: string): Promise<MultiaddrConnection[]> {
  const connections = Array.from({ length: pendingHandshakesPerHostMax }, () => connectionFrom(host))
  for (const connection of connections) expect(await isDenied(gate, connection)).toBe(false)
  return connections
}

describe('HandshakeGate', () => {
  it('denies a host more handshakes at the same time than one may have, and no other host', async () => {
    const gate = new HandshakeGate()
    await fill(gate, '192.0.2.1')
    expect(await isDenied(gate, connectionFrom('192.0.2.1'))).toBe(true)
    expect(await isDenied(gate, connectionFrom('192.0.2.2'))).toBe(false)
  })

  it('takes another bound of connections from one host', async () => {
    const gate = new HandshakeGate({ connectionsPerHost: 2 })
    expect(await isDenied(gate, connectionFrom('192.0.2.1'))).toBe(false)
    expect(await isDenied(gate, connectionFrom('192.0.2.1'))).toBe(false)
    expect(await isDenied(gate, connectionFrom('192.0.2.1'))).toBe(true)
    expect(await isDenied(gate, connectionFrom('192.0.2.2'))).toBe(false)
  })

  it('denies what comes from one host faster than may be for some seconds, and no other host', async () => {
    let at = 0
    const gate = new HandshakeGate({ newConnectionsPerSecondPerHost: 2, now: () => at })
    const arrive = async (host: string): Promise<boolean> => {
      const connection = connectionFrom(host)
      const isRefused = await isDenied(gate, connection)
      connection.dispatchEvent(new Event('close'))
      return isRefused
    }
    for (let n = 0; n < 2 * inboundConnectionsSeconds; n++) expect(await arrive('192.0.2.1')).toBe(false)
    expect(await arrive('192.0.2.1')).toBe(true)
    expect(await arrive('192.0.2.2')).toBe(false)
    at = inboundConnectionsSeconds * 1000
    expect(await arrive('192.0.2.1')).toBe(false)
  })

  it('makes room when a handshake has succeeded', async () => {
    const gate = new HandshakeGate()
    const connections = await fill(gate, '192.0.2.1')
    for (const first of connections.slice(0, 1)) {
      expect(await gate.gater.denyInboundUpgradedConnection?.(peer, first)).toBe(false)
      first.dispatchEvent(new Event('close'))
    }
    expect(await isDenied(gate, connectionFrom('192.0.2.1'))).toBe(false)
    expect(await isDenied(gate, connectionFrom('192.0.2.1'))).toBe(true)
  })

  it('makes room when a connection is closed before', async () => {
    const gate = new HandshakeGate()
    const [first] = await fill(gate, '192.0.2.1')
    first?.dispatchEvent(new Event('close'))
    expect(await isDenied(gate, connectionFrom('192.0.2.1'))).toBe(false)
    expect(await isDenied(gate, connectionFrom('192.0.2.1'))).toBe(true)
  })

  it('denies a host more open connections than one may have, until one of them closes', async () => {
    const gate = new HandshakeGate({ newConnectionsPerSecondPerHost: connectionsPerHostMax })
    const open: MultiaddrConnection[] = []
    for (let n = 0; n < connectionsPerHostMax; n++) {
      const connection = connectionFrom('192.0.2.1')
      expect(await isDenied(gate, connection)).toBe(false)
      if (n < connectionsPerHostMax - 1) await gate.gater.denyInboundUpgradedConnection?.(peer, connection)
      open.push(connection)
    }
    // The last one still shakes hands, and counts.
    expect(await isDenied(gate, connectionFrom('192.0.2.1'))).toBe(true)
    expect(await isDenied(gate, connectionFrom('192.0.2.2'))).toBe(false)
    open[0]?.dispatchEvent(new Event('close'))
    expect(await isDenied(gate, connectionFrom('192.0.2.1'))).toBe(false)
    expect(await isDenied(gate, connectionFrom('192.0.2.1'))).toBe(true)
  })

  it('counts the addresses of one IPv6 network together', async () => {
    const gate = new HandshakeGate()
    const of = (n: number): MultiaddrConnection =>
      Object.assign(connectionFrom('192.0.2.1'), { remoteAddr: multiaddr(`/ip6/2001:db8::${n.toString(16)}/tcp/1`) })
    for (let n = 0; n < pendingHandshakesPerHostMax; n++) expect(await isDenied(gate, of(n))).toBe(false)
    expect(await isDenied(gate, of(pendingHandshakesPerHostMax))).toBe(true)
  })

  it('gives a host with few the oldest place of the one with most when all are taken, and none before', async () => {
    const gate = new HandshakeGate()
    const first = []
    for (let n = 1; n <= pendingHandshakesMax / pendingHandshakesPerHostMax; n++) first.push((await fill(gate, `192.0.2.${n}`))[0]?.remoteAddr.toString())
    expect(aborted).toEqual([])
    expect(await isDenied(gate, connectionFrom('198.51.100.1'))).toBe(false)
    expect(aborted).toEqual(first.slice(0, 1))
    expect(await isDenied(gate, connectionFrom('198.51.100.1'))).toBe(false)
    expect(aborted).toEqual(first.slice(0, 2))
  })

  it('lets ten thousand silent sockets, each from another address, lock nobody out, and holds no more of them than it may', async () => {
    const gate = new HandshakeGate()
    const hostOf = (n: number): string => `10.0.${n >> 8}.${n & 255}`
    for (let n = 0; n < 10_000; n++) expect(await isDenied(gate, connectionFrom(hostOf(n)))).toBe(false)
    expect(aborted.length).toBe(10_000 - pendingHandshakesMax)
    const honest = await fill(gate, '192.0.2.1')
    for (const connection of honest) await gate.gater.denyInboundUpgradedConnection?.(peer, connection)
    expect(await isDenied(gate, connectionFrom('192.0.2.1'))).toBe(false)
    expect(aborted.some(address => address.startsWith('/ip4/192.0.2.1/'))).toBe(false)
  })

  it('gives the oldest place of all to a host of which no other has more, up to what one host may have', async () => {
    const gate = new HandshakeGate()
    const silent = Array.from({ length: pendingHandshakesMax }, (_, n) => connectionFrom(`10.0.${n >> 8}.${n & 255}`))
    for (const connection of silent) await isDenied(gate, connection)
    await fill(gate, '192.0.2.1')
    expect(aborted).toEqual(silent.slice(0, pendingHandshakesPerHostMax).map(({ remoteAddr }) => remoteAddr.toString()))
    expect(await isDenied(gate, connectionFrom('192.0.2.1'))).toBe(true)
  })
})
