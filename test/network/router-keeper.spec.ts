import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StoppedError } from '../../src/errors.ts'
import { parseRouterAddress } from '../../src/network/router-address.ts'
import { RouterKeeper } from '../../src/network/router-keeper.ts'
import { alice, bob, FakeDialler } from './fake-dialler.ts'

const labels = [`${String(alice.address)}@a.example:1`, `${String(bob.address)}@b.example:2`]

function start (...routers: string[]): { dialler: FakeDialler, keeper: RouterKeeper, lines: string[] } {
  const dialler = new FakeDialler()
  const lines: string[] = []
  const keeper = new RouterKeeper({
    addresses: routers.map(parseRouterAddress), dialler, now: Date.now, random: () => 0, log: (line) => { lines.push(line) }
  })
  keeper.start()
  return { dialler, keeper, lines }
}

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

/** Addresses of the routers that are connected. */
function connected (keeper: RouterKeeper): unknown[] {
  return keeper.health().filter(({ state }) => state === 'connected').map(({ address }) => address)
}

describe('RouterKeeper', () => {
  it('is ready when every router is connected', async () => {
    const { dialler, keeper, lines } = start(...labels)
    let isReady = false
    const ready = keeper.ready().then(() => { isReady = true })
    expect(dialler.dials.map(({ address }) => address.label)).toEqual(labels)
    dialler.connected.set(alice.peerId, alice)
    dialler.dials[0]?.answer.resolve(alice)
    await vi.advanceTimersByTimeAsync(0)
    expect(isReady).toBe(false)
    expect(connected(keeper)).toEqual([alice.address])
    dialler.accept(bob)
    await ready
    expect(connected(keeper)).toEqual([alice.address, bob.address])
    expect(keeper.health().map(({ state }) => state)).toEqual(['connected', 'connected'])
    expect(lines).toHaveLength(2)
    await keeper.ready()
    keeper.stop()
  })

  it('is ready at once without routers', async () => {
    await start().keeper.ready()
  })

  it('tells of each router that is connected, now and later', async () => {
    const { dialler, keeper } = start(...labels)
    dialler.connected.set(alice.peerId, alice)
    dialler.dials[0]?.answer.resolve(alice)
    await vi.advanceTimersByTimeAsync(0)
    const told: unknown[] = []
    keeper.onRouter((peer) => { told.push(peer) })
    expect(told).toEqual([alice])
    dialler.accept(bob)
    await vi.advanceTimersByTimeAsync(0)
    expect(told).toEqual([alice, bob])
    keeper.stop()
  })

  it('names connected routers first, and leads to each', async () => {
    const { dialler, keeper } = start(...labels)
    dialler.accept(bob)
    await vi.advanceTimersByTimeAsync(0)
    const [first, second] = keeper.routers()
    expect([first?.name, second?.name]).toEqual([labels[1], labels[0]])
    expect(await first?.connect()).toEqual(bob)
    const reached = second?.connect()
    dialler.connected.set(alice.peerId, alice)
    dialler.dials[0]?.answer.resolve(alice)
    expect(await reached).toEqual(alice)
    keeper.stop()
  })

  it('leaves the other routers alone when one fails', async () => {
    const { dialler, keeper } = start(...labels)
    dialler.dials[0]?.answer.reject(new Error('no'))
    dialler.accept(bob)
    await vi.advanceTimersByTimeAsync(0)
    expect(keeper.health().map(({ state }) => state)).toEqual(['waiting', 'connected'])
    keeper.stop()
  })

  it('does not drop the right router of one link for being the wrong one of another', async () => {
    const { dialler, keeper } = start(`${String(bob.address)}@a.example:1`, `${String(alice.address)}@a.example:1`)
    dialler.connected.set(alice.peerId, alice)
    for (const { answer } of dialler.dials) {
      answer.resolve(alice)
    }
    await vi.advanceTimersByTimeAsync(0)
    expect(dialler.dropped).toEqual([])
    expect(keeper.health().map(({ state }) => state)).toEqual(['waiting', 'connected'])
    keeper.stop()
  })

  it('hears of connections and of their end', async () => {
    const { dialler, keeper } = start(...labels)
    dialler.connected.set(alice.peerId, alice)
    keeper.peerConnected(alice)
    expect(connected(keeper)).toEqual([alice.address])
    keeper.peerDisconnected(alice.peerId)
    expect(connected(keeper)).toEqual([])
    keeper.stop()
  })

  it('rejects with the reason of the signal, before and while it waits', async () => {
    const { keeper } = start(...labels)
    const reason = new Error('enough')
    await expect(keeper.ready({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const abort = new AbortController()
    const ready = keeper.ready({ signal: abort.signal })
    abort.abort(reason)
    await expect(ready).rejects.toBe(reason)
    keeper.stop()
  })

  it('ends every wait when it stops', async () => {
    const { keeper } = start(...labels)
    const ready = expect(keeper.ready()).rejects.toThrow(StoppedError)
    keeper.stop()
    await ready
    await expect(keeper.ready()).rejects.toThrow(StoppedError)
    expect(vi.getTimerCount()).toBe(0)
  })
})
