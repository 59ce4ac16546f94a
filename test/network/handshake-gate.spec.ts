import { TypedEventEmitter } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { pendingHandshakesPerHostMax } from '../../src/limits.ts'
import { HandshakeGate } from '../../src/network/handshake-gate.ts'
import type { MultiaddrConnection, PeerId } from '@libp2p/interface'

const peer = {} as PeerId
let port = 1

/** An inbound connection from this host. */
function connectionFrom (host: string): MultiaddrConnection {
  const remoteAddr = multiaddr(`/ip4/${host}/tcp/${port++}`)
  return Object.assign(new TypedEventEmitter(), { remoteAddr }) as unknown as MultiaddrConnection
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
})
