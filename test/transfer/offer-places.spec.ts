import { describe, expect, it } from 'vitest'
import { offersMax, offersPerPeerMax, offersWaitingMax } from '../../src/limits.ts'
import { OfferPlaces } from '../../src/transfer/offer-places.ts'

const never = new AbortController().signal

/** Work that lasts until it is told to end. */
class Work {
  readonly places = new OfferPlaces()
  readonly running: { peerId: string, end: (error?: Error) => void }[] = []

  start (peerId: string, signal = never): Promise<string> {
    return this.places.run(peerId, signal, async () => {
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      this.running.push({ peerId, end: error => { if (error === undefined) resolve(peerId); else reject(error) } })
      return await promise
    })
  }

  startMany (count: number, peerOf: (i: number) => string): Promise<string>[] {
    return Array.from({ length: count }, async (_, i) => await this.start(peerOf(i)))
  }

  end (): void {
    this.running.shift()?.end()
  }

  get peers (): string[] { return this.running.map(({ peerId }) => peerId) }
}

/** Everything that follows from what has happened has happened. */
const settled = async (): Promise<void> => { await new Promise(setImmediate) }

describe('OfferPlaces', () => {
  it('gives the result of the work, and its error', async () => {
    const work = new Work()
    const [done, failed] = [work.start('a'), work.start('a')]
    work.end()
    work.running[0]?.end(new Error('no'))
    expect(await done).toBe('a')
    await expect(failed).rejects.toThrow('no')
  })

  it('runs so many of one peer, and the others one by one as those end', async () => {
    const work = new Work()
    const all = work.startMany(offersPerPeerMax + 2, () => 'a')
    expect(work.running).toHaveLength(offersPerPeerMax)
    work.end()
    await settled()
    expect(work.running).toHaveLength(offersPerPeerMax)
    while (work.running.length > 0) {
      work.end()
      await settled()
    }
    expect(await Promise.all(all)).toHaveLength(offersPerPeerMax + 2)
  })

  it('lets nobody wait for a peer that has its places taken', () => {
    const work = new Work()
    void work.startMany(offersPerPeerMax + 5, () => 'slow')
    void work.start('b')
    expect(work.peers.at(-1)).toBe('b')
  })

  it('runs so many in all, and then whoever came first and may', async () => {
    const work = new Work()
    void work.startMany(offersPerPeerMax, () => 'busy')
    void work.startMany(offersMax - offersPerPeerMax, i => `peer ${i}`)
    expect(work.running).toHaveLength(offersMax)
    void work.start('busy')
    void work.start('last')
    expect(work.running).toHaveLength(offersMax)
    work.running.splice(offersPerPeerMax, 1)[0]?.end()
    await settled()
    expect(work.peers.at(-1)).toBe('last')
    work.end()
    await settled()
    expect(work.peers.at(-1)).toBe('busy')
    expect(work.running).toHaveLength(offersMax)
  })

  it('is full when as many wait as may', () => {
    const work = new Work()
    void work.startMany(offersPerPeerMax + offersWaitingMax - 1, () => 'a')
    expect(work.places.isFull).toBe(false)
    void work.start('a')
    expect(work.places.isFull).toBe(true)
  })

  it('runs nothing for a signal that was aborted, and gives its place to the next', async () => {
    const work = new Work()
    const [controller, reason] = [new AbortController(), new Error('enough')]
    await expect(work.start('a', AbortSignal.abort(reason))).rejects.toBe(reason)
    void work.startMany(offersPerPeerMax, () => 'a')
    const [given, next] = [work.start('a', controller.signal), work.start('a')]
    controller.abort(reason)
    await expect(given).rejects.toBe(reason)
    expect(work.running).toHaveLength(offersPerPeerMax)
    while (work.running.length > 0) {
      work.end()
      await settled()
    }
    expect(await next).toBe('a')
    expect(work.places.isFull).toBe(false)
  })
})
