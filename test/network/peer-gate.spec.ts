import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { PeerDeniedError } from '../../src/errors.ts'
import { PeerGate } from '../../src/network/peer-gate.ts'
import { parseRouterAddress } from '../../src/network/router-address.ts'
import { identityOf } from './support.ts'
import type { MultiaddrConnection } from '@libp2p/interface'
import type { PeerRules } from '../../src/interface/peers.ts'

const [miner, other, router] = [identityOf(1), identityOf(2), identityOf(3)]

function gateWith (rules: PeerRules, routers: string[] = []): { gate: PeerGate, lines: string[] } {
  const lines: string[] = []
  return { gate: new PeerGate({ rules, routers: routers.map(parseRouterAddress), log: line => { lines.push(line) } }), lines }
}

const to = (address: string): MultiaddrConnection => ({ remoteAddr: multiaddr(address) }) as MultiaddrConnection
const denies = async ({ gater }: PeerGate, { peerId }: { peerId: string }): Promise<unknown> =>
  await gater.denyInboundEncryptedConnection?.(peerIdFromString(peerId), to('/ip4/192.0.2.1/tcp/1'))

describe('PeerGate', () => {
  it('admits everybody without rules', async () => {
    expect(await denies(gateWith({}).gate, miner)).toBe(false)
  })

  it('admits with an allow-list those on it and the routers, by address or peer id', async () => {
    for (const name of [miner.address, miner.peerId]) {
      const { gate, lines } = gateWith({ allow: [name] }, [`${router.address}@router.example:9100`])
      expect(await denies(gate, miner)).toBe(false)
      expect(await denies(gate, router)).toBe(false)
      expect(lines).toEqual([])
      expect(await denies(gate, other)).toBe(true)
      expect(lines).toEqual([`refused ${other.address}: it may not connect`])
    }
  })

  it('does not let in a peer that is refused for a while, whatever the rules say', async () => {
    const rules = { allow: [miner.address, other.address] }
    const gate = new PeerGate({ rules, routers: [], log: () => {}, isRefused: peerId => peerId === miner.peerId })
    expect(await denies(gate, miner)).toBe(true)
    expect(await denies(gate, other)).toBe(false)
  })

  it('knows the routers and those that are allowed by name', () => {
    const { gate } = gateWith({ allow: [miner.address] }, [`${router.address}@router.example:9100`])
    expect([miner, router, other].map(({ address }) => gate.isKnown(address))).toEqual([true, true, false])
    expect(gateWith({}).gate.isKnown(miner.address)).toBe(false)
  })

  it('lets a denial win over everything', async () => {
    const { gate } = gateWith({ allow: [miner.address], deny: [miner.peerId, router.address] }, [`/ip4/192.0.2.1/tcp/1/p2p/${router.peerId}`])
    expect(await denies(gate, miner)).toBe(true)
    expect(await denies(gate, router)).toBe(true)
  })

  it('takes who answers where a router was named by its place alone for a router, and nobody else', () => {
    const { gate } = gateWith({ allow: [] }, ['/dns4/router.example/tcp/9100'])
    const reach = (peerId: string, address: string): unknown => gate.gater.denyOutboundEncryptedConnection?.(peerIdFromString(peerId), to(address))
    expect(() => reach(router.peerId, '/dns4/router.example/tcp/9101')).toThrow(PeerDeniedError)
    expect(gate.allows(router.address)).toBe(false)
    expect(reach(router.peerId, '/dns4/router.example/tcp/9100')).toBe(false)
    expect(gate.allows(router.address)).toBe(true)
    expect(gate.isRouter(router.address)).toBe(true)
    gate.set({ deny: [router.address] })
    expect(() => reach(router.peerId, '/dns4/router.example/tcp/9100')).toThrow(PeerDeniedError)
  })

  it('says whom this node does not connect to, and by which list', () => {
    const { gate } = gateWith({ allow: [miner.address], deny: [other.address] })
    gate.check(miner.address)
    expect(() => { gate.check(other.address) }).toThrow(expect.objectContaining({
      name: 'PeerDeniedError', retryable: false, details: { peer: other.address },
      message: `This node does not connect to ${other.address}, which is on its deny-list (peers.deny)`
    }))
    expect(() => { gate.check(router.address) }).toThrow('which is not on its allow-list (peers.allow)')
  })

  it('keeps its rules when new ones are malformed, and takes good ones as a whole', async () => {
    const { gate } = gateWith({ allow: [miner.address] })
    expect(() => { gate.set({ allow: [], deny: ['x'] }) }).toThrow('peers.deny[0] must be')
    expect(await denies(gate, miner)).toBe(false)
    gate.set({ deny: [other.address] })
    expect(await denies(gate, router)).toBe(false)
    expect(await denies(gate, other)).toBe(true)
  })
})
