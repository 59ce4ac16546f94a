import { describe, expect, it } from 'vitest'
import { PeerUnreachableError } from '../../src/errors.ts'
import { activeProvidersMax, hedgeMs } from '../../src/limits.ts'
import { FetchProgress } from '../../src/transfer/fetch-progress.ts'
import { FetchReport } from '../../src/transfer/fetch-report.ts'
import { ProviderSet } from '../../src/transfer/provider-set.ts'
import { StreamPool } from '../../src/transfer/stream-pool.ts'
import { leaf } from '../format/dags.ts'
import type { ConnectedPeer } from '../../src/interface/network.ts'

const { cid: root } = leaf('root')
const calm = { patientUntil: Infinity, isLarge: false }
const impatient = { patientUntil: -Infinity, isLarge: false }

/** Providers whose connections are made by the test. */
function start (...providers: string[]): Started {
  return startBeside([], ...providers)
}

interface Started {
  set: ProviderSet, dials: Map<string, PromiseWithResolvers<ConnectedPeer>>, pass: (ms: number) => void, errors: unknown[]
}

/** The same where some are connected already. */
function startBeside (connected: readonly string[], ...providers: string[]): Started {
  let time = 0
  const now = (): number => time
  const dials = new Map<string, PromiseWithResolvers<ConnectedPeer>>()
  const errors: unknown[] = []
  const network = {
    find: (name: string) => connected.includes(name) ? { address: undefined, peerId: `peer ${name}` } : undefined,
    connect: async (name: string) => {
      const dial = Promise.withResolvers<ConnectedPeer>()
      dials.set(name, dial)
      return await dial.promise
    },
    routerPeers: () => [],
    bitswap: () => ({ get: () => Promise.reject(new Error('not used')) })
  }
  const pool = new StreamPool({ openStream: () => Promise.reject(new Error('not used')), onDisconnect: () => {} })
  const report = new FetchReport(root, { progress: new FetchProgress({}, now), log: () => {} })
  const set = new ProviderSet({ network, pool, log: () => {}, now, fetches: () => 1, download: undefined, fetch },
    { root, providers, report, signal: new AbortController().signal, onChange: () => {}, onError: (error) => { errors.push(error) } })
  return { set, dials, pass: (ms) => { time += ms }, errors }
}

async function connect (dial: PromiseWithResolvers<ConnectedPeer> | undefined, peerId: string): Promise<void> {
  dial?.resolve({ address: undefined, peerId })
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

describe('ProviderSet', () => {
  it('connects to the first one alone, and once that had to be dialled and is there, to the others that were named', async () => {
    const { set, dials } = start('a', 'b', 'c')
    set.recruit(calm)
    set.recruit(calm)
    expect([...dials.keys()]).toEqual(['a'])
    await connect(dials.get('a'), 'peer a')
    set.recruit(calm)
    expect(set.live.map(({ name }) => name)).toEqual(['peer a'])
    expect([...dials.keys()]).toEqual(['a', 'b', 'c'])
  })

  it('connects to nobody else while one that was connected already is patient', () => {
    const { set, dials } = startBeside(['a'], 'a', 'b', 'c')
    set.recruit(calm)
    set.recruit(impatient)
    expect(set.live.map(({ name }) => name)).toEqual(['peer a'])
    expect([...dials.keys()]).toEqual([])
  })

  it('connects to no more than allowed of those that were named', async () => {
    const names = Array.from({ length: activeProvidersMax + 1 }, (_, n) => String(n))
    const { set, dials } = start(...names)
    set.recruit(calm)
    await connect(dials.get('0'), 'peer')
    set.recruit(calm)
    expect(dials.size).toBe(activeProvidersMax)
  })

  it('connects to the next one when the first does not connect soon, or does not answer', async () => {
    const { set, dials, pass } = startBeside(['b'], 'a', 'b', 'c')
    set.recruit(impatient)
    pass(hedgeMs - 1)
    set.recruit(impatient)
    expect(dials.size).toBe(1)
    pass(1)
    set.recruit(impatient)
    expect(set.live.map(({ name }) => name)).toEqual(['peer b'])
    for (const provider of set.live) provider.used = 1
    pass(hedgeMs)
    set.recruit(calm)
    expect([...dials.keys()]).toEqual(['a'])
    set.recruit(impatient)
    expect([...dials.keys()]).toEqual(['a', 'c'])
  })

  it('asks nobody who rests, and connects to the next one at once meanwhile', () => {
    const { set, dials, pass } = startBeside(['a'], 'a', 'b')
    set.recruit(calm)
    set.live[0]?.rests(50)
    expect([set.byRate, set.isExhausted]).toEqual([[], false])
    set.recruit({ ...calm, patientUntil: -Infinity })
    expect([...dials.keys()]).toEqual(['b'])
    pass(50)
    expect(set.byRate).toHaveLength(1)
  })

  it('connects to the next one at once when one cannot be reached, and says so', async () => {
    const { set, dials } = start('a', 'b')
    set.recruit(calm)
    dials.get('a')?.reject(new PeerUnreachableError('gone'))
    await connect(undefined, '')
    set.recruit(calm)
    expect([...dials.keys()]).toEqual(['a', 'b'])
    expect(set.all[0]?.report()?.attempt).toMatchObject({ provider: 'a', outcome: 'unreachable' })
  })

  it('connects to many at the same time for what is large, and no more than allowed', () => {
    const names = Array.from({ length: activeProvidersMax + 1 }, (_, n) => String(n))
    const { set, dials } = start(...names)
    set.recruit({ ...calm, isLarge: true })
    expect(dials.size).toBe(activeProvidersMax)
  })

  it('has the same peer once, whatever its names', async () => {
    const { set, dials } = start('a', 'b')
    set.recruit({ ...calm, isLarge: true })
    await connect(dials.get('a'), 'peer')
    await connect(dials.get('b'), 'peer')
    expect(set.all).toHaveLength(1)
  })

  it('is exhausted when nobody is left, and shared while there may be more than one', async () => {
    const { set, dials } = start('a')
    expect([set.isExhausted, set.isShared]).toEqual([false, true])
    set.recruit({ ...calm, isLarge: true })
    await connect(dials.get('a'), 'peer')
    set.recruit({ ...calm, isLarge: true })
    expect([set.isExhausted, set.isShared]).toEqual([false, false])
    set.live[0]?.fail('lost', new PeerUnreachableError('gone'))
    expect(set.isExhausted).toBe(true)
  })

  it('counts on a connection for moments only', async () => {
    const { set, dials, pass } = start('a', 'b')
    set.recruit({ ...calm, isLarge: true })
    await connect(dials.get('a'), 'peer')
    set.recruit({ ...calm, isLarge: true })
    expect(set.isShared).toBe(true)
    pass(1_000)
    expect([set.isShared, set.isExhausted]).toEqual([false, false])
  })

  it('puts the fastest first and the silent last', async () => {
    const { set, dials, pass } = start('a', 'b', 'c')
    set.recruit({ ...calm, isLarge: true })
    for (const name of ['a', 'b', 'c']) await connect(dials.get(name), name)
    const [a, b, c] = set.live
    pass(500)
    a?.rate.add(10)
    b?.rate.add(1000)
    c?.rate.add(100_000)
    if (c !== undefined) c.isSilent = true
    pass(500)
    expect(set.byRate.map(({ name }) => name)).toEqual(['b', 'a', 'c'])
  })

  it('ends what it began when it is stopped', async () => {
    const { set, dials, errors } = start('a', 'b')
    set.recruit(calm)
    set.stop()
    set.recruit(impatient)
    await connect(undefined, '')
    expect([dials.size, errors]).toEqual([1, []])
  })
})
