import { describe, expect, it } from 'vitest'
import { InvalidMessageError, LimitExceededError, PeerUnreachableError, RefusedError } from '../../src/errors.ts'
import { encodeOfferAnswer, offerBound } from '../../src/format/offer-messages.ts'
import { concat, delimited } from '../../src/format/protobuf.ts'
import { encodeVarint } from '../../src/format/varint.ts'
import { offerMessageBytesMax } from '../../src/limits.ts'
import { offer } from '../../src/transfer/offer.ts'
import { MessageStream } from '../../src/transfer/message-stream.ts'
import { offered, startRawTaker, startTaker } from './offer-support.ts'
import { startPeer } from './support.ts'
import type { ConnectedPeer } from '../../src/interface/network.ts'
import type { OfferAnswer } from '../../src/interface/offer.ts'

const never = new AbortController().signal

type Peer = Awaited<ReturnType<typeof startPeer>>

let miners = 100

async function offerTo (taker: Peer, signal = never): Promise<OfferAnswer> {
  const miner = await startPeer(miners++)
  return await offer(miner, await miner.connect(taker.dialled), offered, signal)
}

describe('offer', () => {
  it('names the root and what it answers, and gives the answer', async () => {
    const taker = await startTaker(1, () => ({ status: 'busy', retryAfterMs: 7, reason: 'full' }))
    expect(await offerTo(taker)).toEqual({ status: 'busy', retryAfterMs: 7, reason: 'full' })
    expect(taker.received).toEqual([offered])
  })

  it('reads nothing after the answer', async () => {
    const taker = await startRawTaker(1, async stream => {
      stream.send(concat([encodeOfferAnswer({ status: 'held' }), encodeOfferAnswer({ status: 'refused' }), Uint8Array.of(0x80, 0)]))
      await stream.close()
    })
    expect(await offerTo(taker)).toEqual({ status: 'held' })
  })

  it('tells of a peer that takes no offers', async () => {
    await expect(offerTo(await startPeer(1))).rejects.toThrow(RefusedError)
  })

  it('tells of a peer that is not connected', async () => {
    const miner = await startPeer(2)
    const { identity } = await startPeer(1)
    const peer: ConnectedPeer = identity
    await expect(offer(miner, peer, offered, never)).rejects.toThrow(PeerUnreachableError)
  })

  it.each<[string, Uint8Array, new (message: string) => Error]>([
    ['is larger than allowed', encodeVarint(offerMessageBytesMax + 1), LimitExceededError],
    ['cannot be read', delimited([Uint8Array.of(0)]), InvalidMessageError],
    ['is cut off', Uint8Array.of(5, 8), InvalidMessageError],
    ['does not come', new Uint8Array(), PeerUnreachableError]
  ])('refuses an answer that %s', async (_, bytes, error) => {
    const taker = await startRawTaker(1, async stream => {
      stream.send(bytes)
      await stream.close()
    })
    await expect(offerTo(taker)).rejects.toThrow(error)
  })

  it('tells when the stream is broken off, and when the connection is lost', async () => {
    await expect(offerTo(await startRawTaker(1, async () => { throw new Error('broken') }))).rejects.toThrow(PeerUnreachableError)
    const taker = await startTaker(3, async () => {
      await taker.stop()
      return undefined
    })
    await expect(offerTo(taker)).rejects.toThrow(PeerUnreachableError)
  })

  it('is taken back when its signal is aborted', async () => {
    const [controller, reason] = [new AbortController(), new Error('enough')]
    const ended = Promise.withResolvers<undefined>()
    const taker = await startRawTaker(1, async stream => {
      stream.addEventListener('close', () => { ended.resolve(undefined) })
      await new MessageStream(stream, offerBound).receive(10_000, () => new Error('no offer came'))
      controller.abort(reason)
      await ended.promise
    })
    await expect(offerTo(taker, controller.signal)).rejects.toBe(reason)
    await ended.promise
    await expect(offerTo(taker, AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})
