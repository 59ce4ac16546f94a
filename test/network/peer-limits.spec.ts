import { describe, expect, it } from 'vitest'
import { connectionsMax, requestsPerSecondPerPeerMax } from '../../src/limits.ts'
import { peerLimits } from '../../src/network/peer-limits.ts'
import type { PeerLimits } from '../../src/interface/peer-limits.ts'

describe('peerLimits', () => {
  it('puts the default in the place of what was left out', () => {
    const limits = peerLimits({ connections: 7, answers: undefined } as unknown as PeerLimits)
    expect(limits).toEqual({ ...peerLimits(), connections: 7 })
    expect([peerLimits().connections, limits.requestsPerSecondPerPeer]).toEqual([connectionsMax, requestsPerSecondPerPeerMax])
    expect(Object.values(limits).every(value => value > 0)).toBe(true)
  })

  it.each([0, -1, 1.5, NaN, Infinity, 2 ** 31, '7', null])('refuses %s for one of them', (value) => {
    expect(() => peerLimits({ answers: value as number })).toThrow('limits.answers must be a whole number')
  })

  it('refuses a name that it does not know, and what is no object', () => {
    expect(() => peerLimits({ connection: 7 } as PeerLimits)).toThrow('limits must be of connections, connectionsPerHost')
    expect(() => peerLimits({ toString: 7 } as unknown as PeerLimits)).toThrow('limits must be of connections')
    expect(() => peerLimits([] as PeerLimits)).toThrow('limits must be an object')
  })
})
