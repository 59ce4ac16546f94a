import { describe, expect, it } from 'vitest'
import { PeerUnreachableError, StoppedError } from '../../src/errors.ts'
import { providersMax } from '../../src/limits.ts'
import { candidates, connectCandidate } from '../../src/transfer/candidates.ts'
import type { ConnectedPeer, RouterPeer } from '../../src/interface/network.ts'

const peer: ConnectedPeer = { address: undefined, peerId: 'peer' }
const { signal } = new AbortController()

function named (name: string, connect: RouterPeer['connect'] = async () => await Promise.resolve(peer)): RouterPeer {
  return { name, find: () => undefined, connect }
}

describe('candidates', () => {
  it('are those that were named, and then the routers of that moment', () => {
    const routers = [named('router')]
    const found = candidates({ find: () => undefined, connect: async () => await Promise.resolve(peer), routerPeers: () => routers }, ['a', 'b'])
    expect(found.next().value?.name).toBe('a')
    routers.push(named('late router'))
    expect([...found].map(({ name }) => name)).toEqual(['b', 'router', 'late router'])
  })

  it('are no more than may be asked', () => {
    const names = Array.from({ length: providersMax + 1 }, (_, n) => String(n))
    const network = { find: () => undefined, connect: async () => await Promise.resolve(peer), routerPeers: () => [] }
    expect([...candidates(network, names)]).toHaveLength(providersMax)
  })
})

describe('connectCandidate', () => {
  it('resolves with the peer, or with why it cannot be reached', async () => {
    expect(await connectCandidate(named('a'), signal)).toBe(peer)
    const gone = new PeerUnreachableError('gone')
    expect(await connectCandidate(named('a', () => Promise.reject(gone)), signal)).toBe(gone)
  })

  it('rejects with what is no failure of a provider, and with the signal\'s reason', async () => {
    for (const error of [new StoppedError('stopped'), new TypeError('a defect')]) {
      await expect(connectCandidate(named('a', () => Promise.reject(error)), signal)).rejects.toBe(error)
    }
    const controller = new AbortController()
    const connecting = connectCandidate(named('a', () => new Promise(() => {})), controller.signal)
    controller.abort('enough')
    await expect(connecting).rejects.toBe('enough')
  })
})
