import { describe, expect, it } from 'vitest'
import { answersMax, answersPerPeerMax, answerYieldMs, serveBytesMax, serveBytesPerPeerMax, serveReadAheadBytesMax } from '../../src/limits.ts'
import { ServePlaces } from '../../src/transfer/serve-places.ts'

const { signal } = new AbortController()

const stream = { abort: () => {}, addEventListener: () => {}, removeEventListener: () => {} }

/** Answers that go on until they are told to end. */
function start (): {
  places: ServePlaces
  running: string[]
  run: (peer: string, name?: string, own?: AbortSignal) => Promise<void>
  end: (name: string) => Promise<void>
} {
  const places = new ServePlaces()
  const running: string[] = []
  const ends = new Map<string, () => void>()
  return {
    places,
    running,
    run: async (peer, name = peer, own = signal) => {
      await places.run({ peerId: peer, signal: own, stream }, async () => {
        running.push(name)
        await new Promise<void>((resolve) => { ends.set(name, resolve) })
        running.splice(running.indexOf(name), 1)
      })
    },
    end: async (name) => {
      ends.get(name)?.()
      await settle()
    }
  }
}

async function settle (): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

const names = Array.from({ length: answersPerPeerMax + 2 }, (_, n) => `a${n}`)

describe('ServePlaces', () => {
  it('gives a peer so many answers at a time, the others in their order, and keeps nobody else waiting', async () => {
    const { running, run, end } = start()
    for (const name of names) void run('a', name)
    void run('b')
    await settle()
    expect(running).toEqual([...names.slice(0, answersPerPeerMax), 'b'])
    await end('a0')
    await end('a3')
    expect(running.slice(-2)).toEqual(names.slice(-2))
    for (const name of names) await end(name)
    expect(running).toEqual(['b'])
  })

  it('forgets who waits and goes away', async () => {
    const { running, run, end } = start()
    const controller = new AbortController()
    for (const name of names.slice(0, answersPerPeerMax)) void run('a', name)
    const gone = run('a', 'gone', controller.signal)
    void run('a', 'next')
    await settle()
    const refused = expect(gone).rejects.toThrow('gone')
    controller.abort(new Error('gone'))
    await refused
    await end('a0')
    expect(running).toContain('next')
    expect(running).not.toContain('gone')
  })

  it('passes on the place of an answer that fails', async () => {
    const { places, running, run } = start()
    const failing = names.slice(0, answersPerPeerMax).map(async () => { await places.run({ peerId: 'a', signal, stream }, () => Promise.reject(new Error('broken'))) })
    void run('a', 'after')
    for (const failed of failing) await expect(failed).rejects.toThrow('broken')
    await settle()
    expect(running).toEqual(['after'])
  })

  it('divides memory among the answers of a peer, and among all', async () => {
    const { places, run } = start()
    void run('a')
    await settle()
    expect(places.readAheadBytes('a')).toBe(serveReadAheadBytesMax)
    for (let n = 1; n < answersPerPeerMax; n++) void run('a', `a${n}`)
    await settle()
    expect(places.readAheadBytes('a')).toBe(serveBytesPerPeerMax / answersPerPeerMax)
    expect(places.hasRoom()).toBe(true)
    for (let n = answersPerPeerMax; n < answersMax; n++) void run(`peer ${n}`)
    await settle()
    expect(places.readAheadBytes('peer 99') * answersMax).toBeLessThanOrEqual(serveBytesMax)
    expect(places.hasRoom()).toBe(false)
  })

  it('divides what its host allows', async () => {
    const places = new ServePlaces({ queuedBytes: 1000, queuedBytesPerPeer: 600 })
    const give = async (): Promise<void> => { await new Promise(() => {}) }
    void places.run({ peerId: 'a', signal, stream }, give)
    await settle()
    expect(places.readAheadBytes('a')).toBe(600)
    for (const peerId of ['b', 'c']) void places.run({ peerId, signal, stream }, give)
    await settle()
    expect(places.readAheadBytes('a')).toBe(333)
  })

  it('counts nobody who waits for a place of its own peer', async () => {
    const places = new ServePlaces({ answers: 3, answersPerPeer: 2 })
    for (let n = 0; n < 20; n++) void places.run({ peerId: 'a', signal, stream }, async () => { await new Promise(() => {}) })
    await settle()
    expect(places.hasRoom()).toBe(true)
    void places.run({ peerId: 'b', signal, stream }, async () => { await new Promise(() => {}) })
    await settle()
    expect(places.hasRoom()).toBe(false)
  })

  it('lets the answer go whose peer has read nothing for longest, if that is long, and none that waits for something else', async () => {
    let at = 0
    const places = new ServePlaces({ answers: 3, now: () => at })
    const cut: string[] = []
    const streams = ['first', 'second', 'paced'].map(name => Object.assign(new EventTarget(), { abort: () => { cut.push(name) } }))
    const never = new Promise<void>(() => {})
    for (const [n, own] of streams.entries()) {
      void places.run({ peerId: `peer ${n}`, signal, stream: own }, async (waitForPeer) => { await (n === 2 ? never : waitForPeer(never)) })
      at++
    }
    streams[2]?.dispatchEvent(new Event('drain'))
    at = answerYieldMs - 1
    expect(places.hasRoom()).toBe(false)
    streams[0]?.dispatchEvent(new Event('drain'))
    at = answerYieldMs + 1
    expect([places.hasRoom(), cut]).toEqual([true, ['second']])
    void places.run({ peerId: 'new', signal, stream }, async () => { await never })
    expect([places.hasRoom(), cut]).toEqual([false, ['second']])
    at = 2 * answerYieldMs
    expect([places.hasRoom(), cut]).toEqual([true, ['second', 'first']])
  })
})
