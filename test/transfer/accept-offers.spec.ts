import { describe, expect, it } from 'vitest'
import {
  CorruptBlockError, InvalidDagError, LimitExceededError, PeerUnreachableError, StorageError, StorageFullError, UnavailableError, WrongTaskError
} from '../../src/errors.ts'
import { decodeOfferAnswer, encodeOffer, offerBound, offerProtocol } from '../../src/format/offer-messages.ts'
import { delimited } from '../../src/format/protobuf.ts'
import { busyRetryMs, offersPerPeerMax } from '../../src/limits.ts'
import { acceptOffers } from '../../src/transfer/accept-offers.ts'
import { offer } from '../../src/transfer/offer.ts'
import { MessageStream } from '../../src/transfer/message-stream.ts'
import { offered } from './offer-support.ts'
import { startPeer } from './support.ts'
import type { DataNodeError } from '../../src/errors.ts'
import type { ConnectedPeer } from '../../src/interface/network.ts'
import type { OfferAnswer } from '../../src/interface/offer.ts'
import type { AcceptOffersComponents, OfferPolicy, PeerOffer } from '../../src/transfer/accept-offers.ts'

const never = new AbortController().signal

type Peer = Awaited<ReturnType<typeof startPeer>>
type Taker = Peer & { taken: PeerOffer[] }

/** A node that takes what it is offered, and a way to offer it something. */
async function startTaker (policy: Partial<OfferPolicy> = {}, init: Partial<AcceptOffersComponents> = {}): Promise<Taker> {
  const peer = await startPeer(1)
  const taken: PeerOffer[] = []
  const take: OfferPolicy['take'] = async (offer, options) => {
    taken.push(offer)
    await policy.take?.(offer, options)
  }
  await acceptOffers({ network: peer, log: peer.lines.log, policy: { wants: () => true, ...policy, take }, ...init })
  return Object.assign(peer, { taken })
}

async function connect (taker: Peer, n = 2): Promise<{ miner: Peer, peer: ConnectedPeer, offer: (signal?: AbortSignal) => Promise<OfferAnswer> }> {
  const miner = await startPeer(n)
  const peer = await miner.connect(taker.dialled)
  return { miner, peer, offer: async (signal = never) => await offer(miner, peer, offered, signal) }
}

describe('acceptOffers', () => {
  it('takes an offer of the peer that the handshake proved, and says so', async () => {
    const taker = await startTaker()
    const { miner, offer } = await connect(taker)
    expect(await offer()).toEqual({ status: 'held' })
    expect(taker.taken).toEqual([{ ...offered, address: miner.identity.address, peerId: miner.identity.peerId }])
    await taker.lines.until(`offer: ${offered.root.toString()} of ${miner.identity.address} is held`)
  })

  it('takes an offer as that of whoever the peer speaks for', async () => {
    const shown: unknown[] = []
    const account = `0x${'7'.repeat(40)}` as const
    const taker = await startTaker({}, {
      accountOf: (peer, bytes) => {
        shown.push(bytes)
        return bytes === undefined ? peer.address : account
      }
    })
    const { miner, peer, offer: plain } = await connect(taker)
    const delegation = Uint8Array.of(1, 2)
    expect(await offer(miner, peer, { ...offered, delegation }, never)).toEqual({ status: 'held' })
    await plain()
    expect(taker.taken.map(({ address }) => address)).toEqual([account, miner.identity.address])
    expect(shown).toEqual([delegation, undefined])
  })

  it('refuses what it does not want, and takes nothing', async () => {
    const taker = await startTaker({ wants: async () => Promise.resolve(false) })
    const { offer } = await connect(taker)
    expect(await offer()).toEqual({ status: 'refused' })
    expect(taker.taken).toEqual([])
  })

  it.each<[string, DataNodeError, OfferAnswer]>([
    ['that it could not be fetched', new UnavailableError('gone', {}), { status: 'unavailable', reason: 'gone' }],
    ['that its peer was lost', new PeerUnreachableError('lost'), { status: 'unavailable', reason: 'lost' }],
    ['that it is not what it has to be', new WrongTaskError('another task'), { status: 'not-accepted', reason: 'another task' }],
    ['that it is no bundle', new InvalidDagError('no DAG'), { status: 'not-accepted', reason: 'no DAG' }],
    ['that it is larger than a bundle may be', new LimitExceededError('deep', { limit: 'directoryDepthMax' }), { status: 'not-accepted', reason: 'deep' }],
    ['that it is larger than this node takes', new LimitExceededError('large', { limit: 'bytesMax' }), { status: 'no-room', reason: 'large' }],
    ['that it is one too many', new LimitExceededError('many', { limit: 'offeredPerTaskMax' }), { status: 'no-room', reason: 'many' }],
    ['that there is no room, and not how much', new StorageFullError('5 of 6 GiB'), { status: 'no-room' }],
    ['that it could not be stored, and not where', new StorageError('/home/x: EIO'), { status: 'unavailable' }],
    ['that what is stored is damaged, and not where', new CorruptBlockError('/home/x'), { status: 'unavailable' }]
  ])('says %s', async (_, error, answer) => {
    const taker = await startTaker({ take: async () => Promise.reject(error) })
    expect(await (await connect(taker)).offer()).toEqual(answer)
    await taker.lines.until(error.message)
  })

  it('resets the stream when something else goes wrong, and goes on', async () => {
    let isBroken = true
    const taker = await startTaker({ wants: () => { if (isBroken) throw new TypeError('broken'); return true } })
    const { offer } = await connect(taker)
    await expect(offer()).rejects.toThrow(PeerUnreachableError)
    await taker.lines.until('broken')
    isBroken = false
    expect(await offer()).toEqual({ status: 'held' })
  })

  it.each([
    ['an empty message', Uint8Array.of(0)],
    ['a length without an end', Uint8Array.of(0xff, 0xff, 0xff, 0xff)],
    ['something larger than an offer may be', delimited([new Uint8Array(5000)])],
    ['a CID and nothing else', delimited([offered.root.bytes])],
    ['a cut off offer', encodeOffer(offered).subarray(0, 20)]
  ])('calls %s a bad request', async (_, bytes) => {
    const taker = await startTaker()
    const { miner, peer } = await connect(taker)
    const raw = await miner.openStream(peer, offerProtocol)
    const stream = new MessageStream(raw, offerBound)
    raw.send(bytes)
    await raw.close()
    expect(decodeOfferAnswer(await stream.receive(10_000, () => new Error('no answer')))).toEqual({ status: 'bad-request' })
    expect(taker.taken).toEqual([])
  })

  it('takes so many of one peer at the same time, and refuses others meanwhile without making them wait', async () => {
    const [gate, full] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
    let most = 0
    let running = 0
    const taker = await startTaker({
      wants: ({ root }) => root.equals(offered.root),
      take: async () => {
        most = Math.max(most, ++running)
        if (running === offersPerPeerMax) full.resolve(undefined)
        await gate.promise
        running--
      }
    })
    const { miner, peer, offer: offerIt } = await connect(taker)
    const all = Array.from({ length: offersPerPeerMax + 3 }, async () => await offerIt())
    await full.promise
    expect(await offer(miner, peer, { root: offered.answers, answers: offered.answers }, never)).toEqual({ status: 'refused' })
    gate.resolve(undefined)
    expect((await Promise.all(all)).map(({ status }) => status)).toEqual(new Array(offersPerPeerMax + 3).fill('held'))
    expect(most).toBe(offersPerPeerMax)
  })

  it('stops taking what is taken back, and takes what comes next', async () => {
    const [started, ended] = [Promise.withResolvers<undefined>(), Promise.withResolvers<unknown>()]
    const taker = await startTaker({
      take: async (_, { signal }) => {
        if (taker.taken.length > 1) return
        started.resolve(undefined)
        const { promise, reject } = Promise.withResolvers<never>()
        signal.addEventListener('abort', () => {
          ended.resolve(signal.reason)
          reject(signal.reason as Error)
        })
        await promise
      }
    })
    const { offer } = await connect(taker)
    const controller = new AbortController()
    const given = offer(controller.signal)
    await started.promise
    controller.abort(new Error('enough'))
    await expect(given).rejects.toThrow('enough')
    await ended.promise
    expect(await offer()).toEqual({ status: 'held' })
    expect(taker.lines.all.filter(line => line.includes('failed'))).toEqual([])
  })

  it('gives up what takes too long', async () => {
    const ended = Promise.withResolvers<undefined>()
    const taker = await startTaker({
      take: async (_, { signal }) => {
        signal.addEventListener('abort', () => { ended.resolve(undefined) })
        await ended.promise
      }
    }, { timeoutMs: 1 })
    expect(await (await connect(taker)).offer()).toEqual({ status: 'unavailable', reason: 'It was not taken within 1 ms' })
    await ended.promise
  })

  it('tells to come back when as many wait as may', async () => {
    const places = { isFull: true, run: async () => Promise.reject(new Error('nobody else can wait')) }
    const taker = await startTaker({}, { places })
    expect(await (await connect(taker)).offer()).toEqual({ status: 'busy', retryAfterMs: busyRetryMs })
    expect(taker.taken).toEqual([])
  })
})
