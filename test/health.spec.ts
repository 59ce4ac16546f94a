import { describe, expect, it } from 'vitest'
import { DamagedTrailError } from '../src/errors.ts'
import { formatUrn } from '../src/format/reference.ts'
import { nodeHealth } from '../src/health.ts'
import { delegationWarningMs, namedBundlesMax } from '../src/limits.ts'
import { branch } from './format/dags.ts'
import type { AnchorHealth } from '../src/interface/anchor.ts'
import type { Health, RouterHealth } from '../src/interface/health.ts'
import type { SignedDelegation } from '../src/interface/delegation.ts'
import type { Identity, Network } from '../src/interface/network.ts'
import type { Store, StoredBundle, StoreUsage } from '../src/interface/store.ts'

const none = { bundles: 0, bytes: 0, files: 0 }
const disk = {
  fileSystem: 'ext4', held: { bundles: 2, bytes: 3 * 1024, files: 5 }, cached: none, used: { bytes: 2 * 1024 * 1024, files: 6 },
  partialBytes: 6, reservedBytes: 7, limit: { bytes: 1024 * 1024, files: 8 }, damagedBlocks: 0
}
const usage: StoreUsage = { ...disk, isFull: false }

interface Given extends Partial<StoreUsage> {
  anchor?: AnchorHealth
  /** Of the audit trail. */
  failure?: Error | undefined
  routers?: RouterHealth[]
  records?: Partial<StoredBundle>[]
  delegation?: SignedDelegation
  now?: number
}

function health ({ routers = [], records = [], anchor, failure, delegation, now = 0, ...change }: Given = {}): Health {
  return nodeHealth({
    audit: {
      ...anchor && { anchoring: { health: () => anchor } },
      statements: { failure }, guard: { refusal: undefined }, witnesses: { isUnwitnessed: false }, forks: { all: () => [] }, skew: { ms: undefined }
    },
    identity: { address: '0x01', account: '0x02', peerId: 'peer', delegation } as unknown as Identity,
    network: { routers: () => routers, multiaddrs: ['/memory/a'], connections: 2 } as unknown as Network,
    clock: () => now,
    store: { path: '/home/node', usage: () => ({ ...usage, ...change }), records: () => records } as unknown as Store
  })
}

describe('nodeHealth', () => {
  it('is ok when every router is connected, and says what is on disk', () => {
    expect(health({ routers: [{ router: 'r', state: 'connected' }] })).toEqual({
      ok: true, problems: [], address: '0x01', account: '0x02', peerId: 'peer', listening: ['/memory/a'], routers: [{ router: 'r', state: 'connected' }],
      connections: 2, disk: { repository: '/home/node', ...disk }
    })
  })

  it('warns some days before the delegation of a wallet is over, and calls it an error afterwards', () => {
    const delegation: SignedDelegation = { wallet: '0x0a', delegation: { node: '0x01', until: '1800000000', time: '0', signature: '0x' } }
    const end = 1_800_000_001_000
    expect(health({ delegation, now: end - delegationWarningMs - 1 })).toMatchObject({ ok: true, problems: [] })
    const problem = { message: 'this node speaks for 0x0a until 2027-01-15T08:00:00.000Z',
      advice: 'have the wallet sign another delegation for 0x01, and start the node with it' }
    expect(health({ delegation, now: end - delegationWarningMs })).toMatchObject({ ok: true, problems: [{ code: 'DELEGATION_ENDS', severity: 'warning', ...problem }] })
    expect(health({ delegation, now: end - 1 })).toMatchObject({ ok: true })
    expect(health({ delegation, now: end })).toMatchObject({ ok: false, problems: [{ code: 'DELEGATION_OVER', severity: 'error' }] })
  })

  it('says when everything was last checked', () => {
    const lastScrub = { endedAt: 5, blocks: 6, bytes: 7, damaged: 0 }
    expect(health({ lastScrub }).disk.lastScrub).toEqual(lastScrub)
    expect(health().disk).not.toHaveProperty('lastScrub')
  })

  it('names a router that is down, why, and what to do', () => {
    const { ok, problems } = health({ routers: [{ router: '0xa@b:1', state: 'waiting', lastError: 'connection refused', retryInMs: 1500 }] })
    expect(ok).toBe(false)
    expect(problems).toEqual([{
      code: 'ROUTER_UNREACHABLE',
      severity: 'error',
      message: 'router 0xa@b:1 is not connected: connection refused',
      advice: 'it is dialled again in 2 s; check its address, its firewall and whether it runs'
    }])
  })

  it('names a router that is being dialled for the first time', () => {
    expect(health({ routers: [{ router: 'r', state: 'connecting' }] }).problems).toMatchObject([{ message: 'router r is not connected' }])
  })

  it('says that nothing new is taken, what takes the room, and what to do', () => {
    const { ok, problems } = health({ isFull: true })
    expect(ok).toBe(false)
    expect(problems).toEqual([{
      code: 'STORAGE_FULL',
      severity: 'error',
      message: 'the repository takes 2 MiB in 6 files, and may take 1 MiB in 8',
      advice: 'nothing new is taken: release some of the 3 KiB that are held, or raise storage.quota'
    }])
  })

  it('names bundles that are closed because a function decided who may read them, and what to do', () => {
    const closed = Array.from({ length: namedBundlesMax + 2 }, (_, n) => ({ root: branch([], String(n)).cid, readers: [], readersLost: true }))
    const { ok, problems } = health({ records: [{ readers: [] }, { readers: () => true }, ...closed.slice(0, 1)] })
    expect(ok).toBe(false)
    expect(problems).toEqual([{
      code: 'READERS_LOST',
      severity: 'error',
      message: `nobody may read ${formatUrn(closed[0]!.root)}: a function decided who may, and it ended with the process that gave it`,
      advice: 'open() each of them and call setReaders() on its handle, or publish it again'
    }])
    const [{ message } = expect.fail('no problem')] = health({ records: closed }).problems
    expect(message).toContain('and 2 more')
    expect(message.match(/urn:/g)).toHaveLength(namedBundlesMax)
  })

  it('says how many blocks are damaged', () => {
    const { ok, problems } = health({ damagedBlocks: 3 })
    expect(ok).toBe(false)
    expect(problems).toMatchObject([{ code: 'BLOCKS_DAMAGED', severity: 'error', message: '3 blocks in /home/node are not what their CIDs say' }])
  })

  it.each([
    ['overlay', '/home/node is on the layer of a container (overlay)', 'mount a volume'],
    ['tmpfs', '/home/node is on a file system in memory (tmpfs)', 'put home on a disk'],
    ['ramfs', '/home/node is on a file system in memory (ramfs)', 'put home on a disk']
  ])('warns of %s, and is ok nevertheless', (fileSystem, message, advice) => {
    const { ok, problems } = health({ fileSystem })
    expect(ok).toBe(true)
    expect(problems).toMatchObject([{ code: 'STORAGE_TRANSIENT', severity: 'warning', message, advice: expect.stringContaining(advice) as string }])
  })

  it('says what is wrong with the audit trail', () => {
    expect(health({ failure: new DamagedTrailError('a tile is missing') })).toMatchObject({ ok: false, problems: [{ code: 'TRAIL_DAMAGED' }] })
  })

  it.each(['ext4', 'xfs', 'other', 'memory', 'nfs'])('says nothing about %s', fileSystem => {
    expect(health({ fileSystem }).problems).toEqual([])
  })

  it('says how far the trail is anchored, and why no further', () => {
    const anchor = { anchor: 'eip155:1:0xfa', size: 12, time: '1700000000' }
    expect(health({ anchor })).toMatchObject({ ok: true, problems: [], anchor })
    const behind = { ...anchor, lastError: 'nobody answers', retryInMs: 4200 }
    const { ok, problems } = health({ anchor: behind })
    expect(ok).toBe(false)
    expect(problems).toEqual([{
      code: 'ANCHOR_BEHIND',
      severity: 'error',
      message: 'the audit trail is anchored up to entry 12 and no further: nobody answers',
      advice: 'publishing goes on, and it is tried again in 5 s; check the endpoints of eip155:1:0xfa and what its account can pay'
    }])
    expect(health({ anchor: { anchor: 'a', lastError: 'x', retryInMs: 0 } }).problems[0]?.message).toContain('up to entry 0')
  })

  it('is not ok when one problem of several is an error', () => {
    const { ok, problems } = health({ fileSystem: 'tmpfs', isFull: true, damagedBlocks: 1, routers: [{ router: 'r', state: 'waiting' }] })
    expect(ok).toBe(false)
    expect(problems.map(({ code }) => code)).toEqual(['ROUTER_UNREACHABLE', 'STORAGE_FULL', 'BLOCKS_DAMAGED', 'STORAGE_TRANSIENT'])
  })
})
