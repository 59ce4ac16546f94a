import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { InvalidArgumentError, StoppedError, UnavailableError } from '../../src/errors.ts'
import { bitswapRepeatMs, fetchStallTimeoutMs } from '../../src/limits.ts'
import { bitswapReader } from '../../src/network/bitswap-reader.ts'
import { alice, bob } from './fake-dialler.ts'
import { blockOf } from './support.ts'
import type { BitswapSessions } from '../../src/network/compose.ts'

type Answer = (cid: CID, signal: AbortSignal) => Promise<Uint8Array>

/** Sessions that answer for each peer, and note who was asked. */
function sessionsOf (answers: Record<string, Answer>): { sessions: BitswapSessions, asked: string[] } {
  const asked: string[] = []
  const createSession = (options: Parameters<BitswapSessions['createSession']>[0]): unknown => {
    expect(options).toMatchObject({ minProviders: 1, maxProviders: 1 })
    expect(options?.providers).toHaveLength(1)
    const peer = [alice, bob].find(({ peerId }) => CID.asCID(options?.providers?.[0])?.multihash.bytes !== undefined &&
      String(options?.providers?.[0]) === cidOfPeer(peerId))
    asked.push(peer?.peerId ?? 'nobody')
    return { retrieve: (cid: CID, { signal }: { signal: AbortSignal }) => answers[peer?.peerId ?? '']?.(cid, signal) }
  }
  return { sessions: { createSession } as unknown as BitswapSessions, asked }
}

const cids = new Map<string, string>()

function cidOfPeer (peerId: string): string {
  return cids.get(peerId) ?? ''
}

const silence: Answer = (_, signal) => new Promise((_resolve, reject) => {
  signal.addEventListener('abort', () => { reject(signal.reason as Error) })
})
const nothing: Answer = async () => { throw new Error('it does not have it') }
const connected = (): boolean => true
const running = new AbortController().signal

afterEach(() => { vi.useRealTimers() })

describe('bitswapReader', async () => {
  const { peerIdFromString } = await import('@libp2p/peer-id')
  for (const { peerId } of [alice, bob]) {
    cids.set(peerId, peerIdFromString(peerId).toCID().toString())
  }
  const { cid, bytes } = await blockOf('a block')
  const other = await blockOf('another')
  const give: Answer = async () => bytes

  it('asks one peer after the other, and first the one that answered last', async () => {
    const { sessions, asked } = sessionsOf({ [alice.peerId]: nothing, [bob.peerId]: give })
    const reader = bitswapReader(cid, [alice, bob], { sessions, isConnected: connected, stopped: running })
    expect(await reader.get(cid)).toEqual(bytes)
    expect(await reader.get(cid)).toEqual(bytes)
    expect(asked).toEqual([alice.peerId, bob.peerId, bob.peerId])
  })

  it('says who was asked when nobody has it', async () => {
    const { sessions } = sessionsOf({ [alice.peerId]: nothing, [bob.peerId]: async () => other.bytes })
    const reader = bitswapReader(cid, [alice, bob], { sessions, isConnected: connected, stopped: running })
    const error: unknown = await reader.get(cid).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(UnavailableError)
    expect((error as UnavailableError).details['attempts']).toEqual([
      { peer: alice.peerId, reason: 'it does not have it' }, { peer: bob.peerId, reason: 'the block does not hash to its CID' }
    ])
    expect(String(error)).toContain(cid.toString())
  })

  it('does not ask a peer that is not connected', async () => {
    const { sessions, asked } = sessionsOf({ [alice.peerId]: give, [bob.peerId]: give })
    const reader = bitswapReader(cid, [alice, bob], { sessions, isConnected: peerId => peerId === bob.peerId, stopped: running })
    expect(await reader.get(cid)).toEqual(bytes)
    expect(asked).toEqual([bob.peerId])
  })

  it('asks a silent peer again, until it answers', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    let asked = 0
    const { sessions } = sessionsOf({ [alice.peerId]: (cid, signal) => ++asked < 3 ? silence(cid, signal) : give(cid, signal) })
    const reader = bitswapReader(cid, [alice], { sessions, isConnected: connected, stopped: running })
    const got = reader.get(cid)
    expect(asked).toBe(1)
    vi.advanceTimersByTime(bitswapRepeatMs - 1)
    expect(asked).toBe(1)
    vi.advanceTimersByTime(1 + bitswapRepeatMs)
    expect(await got).toEqual(bytes)
    expect(asked).toBe(3)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('gives up a silent peer that leaves', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { sessions } = sessionsOf({ [alice.peerId]: silence })
    let isThere = true
    const reader = bitswapReader(cid, [alice], { sessions, isConnected: () => isThere, stopped: running })
    const got = reader.get(cid)
    isThere = false
    vi.advanceTimersByTime(bitswapRepeatMs)
    await expect(got).rejects.toThrow(UnavailableError)
  })

  it('rejects with the reason of the signal, and asks nobody further', async () => {
    const { sessions, asked } = sessionsOf({ [alice.peerId]: silence, [bob.peerId]: give })
    const reader = bitswapReader(cid, [alice, bob], { sessions, isConnected: connected, stopped: running })
    const reason = new Error('enough')
    await expect(reader.get(cid, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(asked).toEqual([])
    const abort = new AbortController()
    const got = reader.get(cid, { signal: abort.signal })
    abort.abort(reason)
    await expect(got).rejects.toBe(reason)
    expect(asked).toEqual([alice.peerId])
  })

  it('ends when the node stops', async () => {
    const stopped = new AbortController()
    const { sessions } = sessionsOf({ [alice.peerId]: silence, [bob.peerId]: give })
    const got = bitswapReader(cid, [alice, bob], { sessions, isConnected: connected, stopped: stopped.signal }).get(cid)
    stopped.abort(new StoppedError('stopped'))
    await expect(got).rejects.toThrow(StoppedError)
  })

  it('asks nobody and leaves no timer when the node was stopped before', async () => {
    vi.useFakeTimers()
    const { sessions, asked } = sessionsOf({ [alice.peerId]: give })
    const stopped = AbortSignal.abort(new StoppedError('stopped'))
    await expect(bitswapReader(cid, [alice], { sessions, isConnected: connected, stopped }).get(cid)).rejects.toThrow(StoppedError)
    expect(asked).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('gives up a peer that stays silent, and leaves no timer', async () => {
    vi.useFakeTimers()
    const { sessions } = sessionsOf({ [alice.peerId]: silence })
    const got = expect(bitswapReader(cid, [alice], { sessions, isConnected: connected, stopped: running }).get(cid))
      .rejects.toMatchObject({ name: 'UnavailableError', details: { attempts: [{ reason: expect.stringContaining('did not answer') as string }] } })
    await vi.advanceTimersByTimeAsync(fetchStallTimeoutMs)
    await got
    expect(vi.getTimerCount()).toBe(0)
  })

  it('refuses a CID that bitswap would answer with anything', async () => {
    const { sessions } = sessionsOf({})
    const reader = bitswapReader(cid, [alice], { sessions, isConnected: connected, stopped: running })
    await expect(reader.get(CID.createV1(0x55, identity.digest(bytes)))).rejects.toThrow(InvalidArgumentError)
  })
})
