import { describe, expect, it } from 'vitest'
import { RefusedError } from '../../src/errors.ts'
import {
  countedPeersMax, cutStreamsMax, faultRequests, refusalMs, requestBurstSeconds, requestsPerSecondPerPeerMax, requestToldSeconds
} from '../../src/limits.ts'
import { PeerConduct } from '../../src/network/peer-conduct.ts'
import type { PeerConductInit } from '../../src/network/peer-conduct.ts'

const burst = requestsPerSecondPerPeerMax * requestBurstSeconds
const told = requestsPerSecondPerPeerMax * requestToldSeconds
const cut = cutStreamsMax

function start (init: Partial<PeerConductInit> = {}): { conduct: PeerConduct, refused: string[], pass: (ms: number) => void } {
  let at = 1_000_000
  const conduct = new PeerConduct({ now: () => at, ...init })
  const refused: string[] = []
  conduct.onRefused((peerId) => { refused.push(peerId) })
  return { conduct, refused, pass: (ms) => { at += ms } }
}

/** What becomes of so many requests of one peer: how many of each kind. */
function ask (conduct: PeerConduct, count: number, peerId = 'peer'): { answered: number, told: number, cut: number } {
  const meter = conduct.meter(peerId)
  const seen = { answered: 0, told: 0, cut: 0 }
  for (let n = 0; n < count; n++) {
    try {
      seen[meter.admits() ? 'answered' : 'told']++
    } catch (error) {
      expect(error).toBeInstanceOf(RefusedError)
      seen.cut++
    }
  }
  return seen
}

describe('PeerConduct', () => {
  it('answers a burst, then tells, then cuts, and then refuses the peer, and nobody else', () => {
    const { conduct, refused } = start()
    expect(ask(conduct, burst)).toEqual({ answered: burst, told: 0, cut: 0 })
    expect(ask(conduct, told)).toEqual({ answered: 0, told, cut: 0 })
    expect(ask(conduct, cut)).toEqual({ answered: 0, told: 0, cut })
    expect([refused, conduct.isRefused('peer')]).toEqual([[], false])
    expect(ask(conduct, 3)).toEqual({ answered: 0, told: 0, cut: 3 })
    expect([refused, conduct.isRefused('peer')]).toEqual([['peer'], true])
    expect(ask(conduct, 1, 'other')).toEqual({ answered: 1, told: 0, cut: 0 })
    expect(conduct.isRefused('other')).toBe(false)
  })

  it('answers for ever what is not more than may be asked in the long run', () => {
    const { conduct, pass } = start()
    ask(conduct, burst)
    for (let second = 0; second < 100; second++) {
      pass(1000)
      expect(ask(conduct, requestsPerSecondPerPeerMax)).toEqual({ answered: requestsPerSecondPerPeerMax, told: 0, cut: 0 })
    }
  })

  it('never cuts a peer that waits a second when it is told, on as many streams as it may have', () => {
    const { conduct, refused, pass } = start()
    ask(conduct, burst)
    for (let second = 0; second < 100; second++) {
      expect(ask(conduct, 32).cut).toBe(0)
      pass(1000)
    }
    expect(refused).toEqual([])
  })

  it('lets a peer in again after a while, to which everything is forgiven', () => {
    const { conduct, refused, pass } = start()
    ask(conduct, burst + told + cut + 1)
    pass(refusalMs - 1)
    expect(conduct.isRefused('peer')).toBe(true)
    pass(1)
    expect(conduct.isRefused('peer')).toBe(false)
    expect(ask(conduct, burst)).toEqual({ answered: burst, told: 0, cut: 0 })
    ask(conduct, told + cut + 1)
    expect(refused).toEqual(['peer', 'peer'])
  })

  it('counts lost streams from the last time on that a peer was answered', () => {
    const { conduct, refused, pass } = start()
    ask(conduct, burst + told + cut)
    pass(requestToldSeconds * 1000)
    expect(ask(conduct, 1)).toEqual({ answered: 0, told: 1, cut: 0 })
    pass(10)
    expect(ask(conduct, 1)).toEqual({ answered: 1, told: 0, cut: 0 })
    ask(conduct, told + cut)
    expect(refused).toEqual([])
  })

  it('counts a breach of a protocol as many requests, and does not throw of it', () => {
    const { conduct, refused } = start()
    const meter = conduct.meter('peer')
    for (let n = 0; n < burst / faultRequests; n++) meter.fault()
    expect(ask(conduct, 1)).toEqual({ answered: 0, told: 1, cut: 0 })
    for (let n = 0; n < told / faultRequests + cut - 1; n++) meter.fault()
    expect(refused).toEqual([])
    meter.fault()
    expect(refused).toEqual(['peer'])
  })

  it('takes other bounds', () => {
    const { conduct, pass } = start({ requestsPerSecond: 1, refusedMs: 10 })
    expect(ask(conduct, 21)).toEqual({ answered: requestBurstSeconds, told: requestToldSeconds, cut: cutStreamsMax + 1 })
    expect(conduct.isRefused('peer')).toBe(true)
    pass(10)
    expect(conduct.isRefused('peer')).toBe(false)
  })

  it('forgets whom it owes nothing, and keeps in mind no more than a bounded number of others', () => {
    const { conduct } = start({ requestsPerSecond: 1 })
    ask(conduct, 21, 'first')
    for (let n = 0; n < countedPeersMax - 1; n++) ask(conduct, 1, `peer ${n}`)
    expect(conduct.isRefused('first')).toBe(true)
    for (let n = 0; n < 2 * countedPeersMax; n++) ask(conduct, 1, `later ${n}`)
    expect(conduct.isRefused('first')).toBe(false)
  })
})
