import { describe, expect, it } from 'vitest'
import { nodeHealth } from '../src/health.ts'
import type { RouterHealth } from '../src/interface/health.ts'
import type { Identity, Network } from '../src/interface/network.ts'
import type { Store } from '../src/interface/store.ts'

const health = (...routers: RouterHealth[]) => nodeHealth({
  identity: { address: '0x01', peerId: 'peer' } as unknown as Identity,
  network: { routers: () => routers, multiaddrs: ['/memory/a'], connections: 2 } as unknown as Network,
  store: { path: ':memory:', records: () => [], usage: () => ({ bytes: 3, heldBytes: 1 }) } as unknown as Store
})

describe('nodeHealth', () => {
  it('is ok when every router is connected', () => {
    expect(health({ router: 'r', state: 'connected' })).toEqual({
      ok: true, problems: [], address: '0x01', peerId: 'peer', listening: ['/memory/a'], routers: [{ router: 'r', state: 'connected' }],
      connections: 2, disk: { repository: ':memory:', bundles: 0, bytes: 3, heldBytes: 1 }
    })
  })

  it('names a router that is down, why, and what to do', () => {
    const { ok, problems } = health({ router: '0xa@b:1', state: 'waiting', lastError: 'connection refused', retryInMs: 1500 })
    expect(ok).toBe(false)
    expect(problems).toEqual([{
      code: 'ROUTER_UNREACHABLE',
      message: 'router 0xa@b:1 is not connected: connection refused',
      advice: 'it is dialled again in 2 s; check its address, its firewall and whether it runs'
    }])
  })

  it('names a router that is being dialled for the first time', () => {
    expect(health({ router: 'r', state: 'connecting' }).problems).toMatchObject([{ message: 'router r is not connected' }])
  })
})
