import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { routerCheckMs, routerRetryMsMax, routerRetryMsMin } from '../../src/limits.ts'
import { parseRouterAddress } from '../../src/network/router-address.ts'
import { RouterLink } from '../../src/network/router-link.ts'
import { alice, bob, FakeDialler } from './fake-dialler.ts'
import type { RouterLinkInit } from '../../src/network/router-link.ts'

const byAddress = `${String(alice.address)}@router.example:9100`
const bare = '/dns4/router.example/tcp/9100'

interface Started {
  dialler: FakeDialler
  link: RouterLink
  events: string[]
}

function start (label: string, init: Partial<RouterLinkInit> = {}): Started {
  const dialler = new FakeDialler()
  const events: string[] = []
  const link = new RouterLink({
    address: parseRouterAddress(label),
    dialler,
    now: Date.now,
    random: () => 0.5,
    onChange: (_, event) => { events.push(event) },
    isWantedElsewhere: () => false,
    ...init
  })
  link.start()
  return { dialler, link, events }
}

/** Lets what is resolved go on, without time passing. */
async function settle (): Promise<void> {
  await vi.advanceTimersByTimeAsync(0)
}

/** Leaves the link waiting for its fifth attempt. */
async function failFourTimes (dialler: FakeDialler, link: RouterLink): Promise<void> {
  for (let i = 0; i < 3; i++) {
    dialler.refuse('no')
    await settle()
    await vi.advanceTimersByTimeAsync(link.health().retryInMs ?? 0)
  }
  dialler.refuse('no')
  await settle()
}

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

describe('RouterLink', () => {
  it('dials at once, and is connected when the expected address answers', async () => {
    const { dialler, link } = start(byAddress)
    expect(link.health()).toEqual({ router: byAddress, state: 'connecting' })
    dialler.accept(alice)
    await settle()
    expect(link.peer).toEqual(alice)
    expect(link.health()).toEqual({
      router: byAddress, state: 'connected', address: alice.address, peerId: alice.peerId, rttMs: 5
    })
  })

  it('waits longer after each failure, up to a limit, and says why and how long', async () => {
    const { dialler, link } = start(byAddress, { random: () => 1 })
    const waits: (number | undefined)[] = []
    for (let i = 0; i < 9; i++) {
      dialler.refuse(`no ${i}`)
      await settle()
      expect(link.health()).toMatchObject({ state: 'waiting', lastError: `no ${i}` })
      waits.push(link.health().retryInMs)
      await vi.advanceTimersByTimeAsync((link.health().retryInMs ?? 0) - 1)
      expect(dialler.dials).toHaveLength(i + 1)
      await vi.advanceTimersByTimeAsync(1)
      expect(dialler.dials).toHaveLength(i + 2)
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    expect([waits[0], waits[8]]).toEqual([routerRetryMsMin, routerRetryMsMax])
  })

  it('waits between a half and the whole of its time', async () => {
    const { dialler, link } = start(byAddress, { random: () => 0 })
    dialler.refuse('no')
    await settle()
    expect(link.health().retryInMs).toBe(routerRetryMsMin / 2)
  })

  it('starts anew with short waits after it was connected', async () => {
    const { dialler, link } = start(byAddress)
    for (let i = 0; i < 5; i++) {
      dialler.refuse('no')
      await vi.advanceTimersByTimeAsync(routerRetryMsMax)
    }
    dialler.accept(alice)
    await settle()
    dialler.connected.clear()
    link.peerDisconnected(alice.peerId)
    expect(link.health().retryInMs).toBe(routerRetryMsMin / 2)
    await vi.advanceTimersByTimeAsync(routerRetryMsMin / 2)
    dialler.refuse('still away')
    await settle()
    expect(link.health()).toMatchObject({ state: 'waiting', lastError: 'still away', retryInMs: routerRetryMsMin * 0.75 })
  })

  it('refuses another address than the expected one, names both, and drops it', async () => {
    const { dialler, link } = start(byAddress)
    dialler.accept(bob)
    await settle()
    expect(dialler.dropped).toEqual([bob])
    expect(link.health().state).toBe('waiting')
    expect(link.health().lastError).toContain(bob.address)
    expect(link.health().lastError).toContain(alice.address)
  })

  it('does not drop a wrong peer that is the router of another link', async () => {
    const { dialler, link } = start(byAddress, { isWantedElsewhere: peer => peer === bob })
    dialler.accept(bob)
    await settle()
    expect(dialler.dropped).toEqual([])
    expect(link.health().state).toBe('waiting')
  })

  it('takes whoever answers at a multiaddr that names nobody', async () => {
    const { dialler, link } = start(bare)
    dialler.accept(bob)
    await settle()
    expect(link.peer).toEqual(bob)
  })

  it('expects the peer that a multiaddr names', async () => {
    const { dialler, link } = start(`${bare}/p2p/${alice.peerId}`)
    dialler.accept(bob)
    await settle()
    expect(link.health().lastError).toContain(alice.peerId)
  })

  it('is connected by a connection that the router made', async () => {
    const { dialler, link } = start(byAddress)
    dialler.refuse('no')
    await settle()
    dialler.connected.set(alice.peerId, alice)
    link.peerConnected(bob)
    expect(link.peer).toBeUndefined()
    link.peerConnected(alice)
    expect(link.peer).toEqual(alice)
    await vi.advanceTimersByTimeAsync(routerRetryMsMax)
    expect(dialler.dials).toHaveLength(1)
  })

  it('does not dial a router that is connected already', async () => {
    const { dialler, link } = start(byAddress)
    dialler.refuse('no')
    await settle()
    dialler.connected.set(alice.peerId, alice)
    await vi.advanceTimersByTimeAsync(routerRetryMsMax)
    expect(dialler.dials).toHaveLength(1)
    expect(link.peer).toEqual(alice)
  })

  it('stays connected when its own dial ends after the router came by itself', async () => {
    const { dialler, link, events } = start(byAddress)
    dialler.connected.set(alice.peerId, alice)
    link.peerConnected(alice)
    dialler.refuse('too late')
    await settle()
    expect(link.peer).toEqual(alice)
    expect(events).toHaveLength(1)
  })

  it('is not connected to a router that left before the dial ended', async () => {
    const { dialler, link } = start(byAddress)
    dialler.dials[0]?.answer.resolve(alice)
    await settle()
    expect(link.health()).toMatchObject({ state: 'waiting' })
    expect(link.health().lastError).toContain('closed the connection')
  })

  it('ignores that another peer left', async () => {
    const { dialler, link } = start(byAddress)
    dialler.accept(alice)
    await settle()
    link.peerDisconnected(bob.peerId)
    expect(link.peer).toEqual(alice)
  })

  it('measures the round trip from time to time', async () => {
    const { dialler, link } = start(byAddress)
    dialler.roundTrips = [async () => 40, async () => 60]
    dialler.accept(alice)
    await settle()
    expect(link.health().rttMs).toBe(40)
    await vi.advanceTimersByTimeAsync(routerCheckMs)
    expect(link.health().rttMs).toBe(60)
  })

  it('drops a router that does not answer any more', async () => {
    const { dialler } = start(byAddress)
    dialler.roundTrips = [async () => 40, async () => { throw new Error('silence') }]
    dialler.accept(alice)
    await vi.advanceTimersByTimeAsync(routerCheckMs - 1)
    expect(dialler.dropped).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(dialler.dropped).toEqual([alice])
  })

  it('does nothing more once it is stopped', async () => {
    const { dialler, link, events } = start(byAddress)
    link.stop()
    expect(dialler.dials[0]?.signal.aborted).toBe(true)
    dialler.accept(alice)
    link.peerConnected(alice)
    await vi.advanceTimersByTimeAsync(routerRetryMsMax)
    expect(events).toEqual([])
    expect(dialler.dials).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  describe('reach', () => {
    it('gives the router at once while it is connected', async () => {
      const { dialler, link } = start(byAddress)
      dialler.accept(alice)
      await settle()
      expect(await link.reach()).toEqual(alice)
      expect(dialler.dials).toHaveLength(1)
    })

    it('waits for the attempt that is under way', async () => {
      const { dialler, link } = start(byAddress)
      const reached = [link.reach(), link.reach()]
      dialler.accept(alice)
      expect(await Promise.all(reached)).toEqual([alice, alice])
      expect(dialler.dials).toHaveLength(1)
    })

    it('rejects when the attempt fails', async () => {
      const { dialler, link } = start(byAddress)
      const reached = expect(link.reach()).rejects.toMatchObject({ name: 'PeerUnreachableError', message: expect.stringContaining('no luck') as string })
      dialler.refuse('no luck')
      await reached
    })

    it('makes one attempt for many callers, not within a moment of the last failure and not after the wait', async () => {
      const { dialler, link } = start(byAddress, { random: () => 1 })
      await failFourTimes(dialler, link)
      await vi.advanceTimersByTimeAsync(100)
      const reached = [link.reach(), link.reach()]
      expect(link.health().retryInMs).toBe(routerRetryMsMin - 100)
      expect(dialler.dials).toHaveLength(4)
      await vi.advanceTimersByTimeAsync(routerRetryMsMin - 100)
      expect(dialler.dials).toHaveLength(5)
      dialler.accept(alice)
      expect(await Promise.all(reached)).toEqual([alice, alice])
    })

    it('makes an attempt at once when the last one is longer ago', async () => {
      const { dialler, link } = start(byAddress, { random: () => 1 })
      await failFourTimes(dialler, link)
      await vi.advanceTimersByTimeAsync(routerRetryMsMin)
      const reached = link.reach()
      await settle()
      expect(dialler.dials).toHaveLength(5)
      dialler.accept(alice)
      expect(await reached).toEqual(alice)
    })

    it('is answered by a router that connects by itself', async () => {
      const { dialler, link } = start(byAddress)
      const reached = link.reach()
      dialler.connected.set(alice.peerId, alice)
      link.peerConnected(alice)
      expect(await reached).toEqual(alice)
    })

    it('rejects with the reason of the signal, and when the node stops', async () => {
      const { link } = start(byAddress)
      const reason = new Error('enough')
      const controller = new AbortController()
      const reached = expect(link.reach({ signal: controller.signal })).rejects.toBe(reason)
      const other = expect(link.reach()).rejects.toMatchObject({ name: 'StoppedError' })
      controller.abort(reason)
      await reached
      link.stop()
      await other
      await expect(link.reach()).rejects.toMatchObject({ name: 'StoppedError' })
      await expect(link.reach({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    })
  })
})
