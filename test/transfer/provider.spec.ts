import { describe, expect, it } from 'vitest'
import { UnavailableError } from '../../src/errors.ts'
import { aheadMs, attemptEventsMax, busyRetriesMax, busyRetryMs, busyRetryMsMax, revivalsMax } from '../../src/limits.ts'
import { Provider } from '../../src/transfer/provider.ts'

function start (): { provider: Provider, pass: (ms: number) => void } {
  let now = 1_000
  const provider = new Provider('/ip4/1.2.3.4', { now: () => now, fetchStartedAt: 900 })
  return { provider, pass: (ms) => { now += ms } }
}

const ask = async (): Promise<void> => { await Promise.resolve() }

describe('Provider', () => {
  it('has a timeline, from the start of the fetch', () => {
    const { provider, pass } = start()
    provider.note('dialled')
    pass(50)
    provider.connected('peer', ask)
    pass(10)
    provider.brought(7)
    provider.fail('lost', new UnavailableError('it is gone'))
    expect(provider.report()?.attempt).toEqual({
      provider: 'peer',
      outcome: 'lost',
      reason: 'it is gone',
      bytes: 7,
      elapsedMs: 60,
      timeline: [{ what: 'dialled', atMs: 100, bytes: 0 }, { what: 'connected', atMs: 150, bytes: 0 }, { what: 'lost', atMs: 160, bytes: 7 }]
    })
  })

  it('is live from its connection to its failure', () => {
    const { provider } = start()
    expect(provider.isLive).toBe(false)
    provider.connected('peer', ask)
    expect(provider.isLive).toBe(true)
    provider.fail('corrupt', new UnavailableError('first'))
    provider.fail('lost', new UnavailableError('second'))
    expect(provider.isLive).toBe(false)
    expect(provider.report()?.attempt).toMatchObject({ outcome: 'corrupt', reason: 'first' })
  })

  it('is reported when it failed or sent something, and not when it was not needed', () => {
    const { provider } = start()
    provider.connected('peer', ask)
    expect(provider.report()).toBeUndefined()
    provider.brought(12)
    expect(provider.report()?.attempt).toMatchObject({ outcome: 'ok', reason: 'sent 12 bytes', bytes: 12 })
  })

  it('sends ahead what its link brings in two of its shortest round trips and a moment, once that is known', () => {
    const { provider, pass } = start()
    provider.answeredWithin(70)
    provider.answeredWithin(50)
    provider.answeredWithin(90)
    expect(provider.bytesAhead).toBeUndefined()
    pass(500)
    provider.rate.add(1_000_000)
    expect(provider.bytesAhead).toBe(2_000_000 * (2 * 50 + aheadMs) / 1000)
    const { provider: silent } = start()
    silent.rate.add(1_000_000)
    expect(silent.bytesAhead).toBeUndefined()
  })

  it('is made ready for more parts at the same time when it may be asked for more, and only then', () => {
    const { provider } = start()
    const prepared: number[] = []
    provider.prepare = (parts) => { prepared.push(parts) }
    for (const places of [1, 2, 2, 1]) provider.allow(places)
    expect([prepared, provider.places]).toEqual([[2], 1])
    // What it is asked for already has what it needs.
    provider.used = 1
    provider.allow(2)
    expect(prepared).toEqual([2, 1])
  })

  it('may be there again when it was lost after it had brought something, a few times', () => {
    const { provider } = start()
    const lose = (outcome: 'lost' | 'corrupt', bytes: number): void => {
      provider.connected('peer', ask)
      provider.brought(bytes)
      provider.fail(outcome, new UnavailableError('gone'))
    }
    lose('lost', 0)
    expect(provider.mayRevive).toBe(false)
    for (let n = 0; n < revivalsMax; n++) {
      provider.revive()
      expect(provider.isLive).toBe(false)
      lose('lost', 1)
      expect(provider.mayRevive).toBe(n < revivalsMax - 1)
    }
    const { provider: liar } = start()
    liar.connected('peer', ask)
    liar.brought(5)
    liar.fail('corrupt', new UnavailableError('wrong'))
    expect(liar.mayRevive).toBe(false)
  })

  it('rests a while when it has too much to do, a few times, and is asked for less when it still does something', () => {
    const { provider, pass } = start()
    provider.connected('peer', ask)
    provider.used = 1
    expect([provider.rests(10), provider.placesMax, provider.isResting]).toEqual([true, 1, false])
    provider.used = 0
    const waits = [10, undefined, Number.MAX_SAFE_INTEGER, -1]
    const rested = [10, busyRetryMs, busyRetryMsMax, 0]
    for (let n = 0; n < busyRetriesMax; n++) {
      expect(provider.rests(waits[n])).toBe(true)
      pass((rested[n] ?? 0) - 1)
      expect(provider.isResting).toBe(rested[n] !== 0)
      pass(1)
      expect(provider.isResting).toBe(false)
    }
    expect(provider.rests(10)).toBe(false)
  })

  it('keeps so many events, and how it ended whatever came before', () => {
    const { provider } = start()
    for (let n = 0; n < attemptEventsMax * 2; n++) provider.note('asked')
    provider.fail('timed-out', new UnavailableError('late'))
    const timeline = provider.report()?.attempt.timeline
    expect(timeline).toHaveLength(attemptEventsMax)
    expect(timeline?.at(-1)?.what).toBe('timed-out')
  })
})
