import { describe, expect, it } from 'vitest'
import { InvalidMessageError, LimitExceededError, PeerUnreachableError } from '../../src/errors.ts'
import { offerBound, offerProtocol } from '../../src/format/offer-messages.ts'
import { delimited } from '../../src/format/protobuf.ts'
import { encodeVarint } from '../../src/format/varint.ts'
import { offerMessageBytesMax } from '../../src/limits.ts'
import { MessageStream } from '../../src/transfer/message-stream.ts'
import { startRawTaker } from './offer-support.ts'
import { startPeer } from './support.ts'
import type { Stream } from '@libp2p/interface'

const late = (): Error => new Error('nothing came in time')

let peers = 1

/** The two ends of a stream. */
async function pair (): Promise<[near: Stream, far: Stream]> {
  const { promise, resolve } = Promise.withResolvers<Stream>()
  const server = await startRawTaker(peers++, async stream => {
    resolve(stream)
    await new Promise(closed => { stream.addEventListener('close', closed) })
  })
  const client = await startPeer(peers++)
  const near = await client.openStream(await client.connect(server.dialled), offerProtocol)
  return [near, await promise]
}

describe('MessageStream', () => {
  it('brings a message to the other side, in pieces of any size', async () => {
    const [near, far] = await pair()
    const message = new Uint8Array(offerMessageBytesMax).map((_, i) => i)
    const received = new MessageStream(far, offerBound).receive(10_000, late)
    for (const byte of delimited([message])) near.send(Uint8Array.of(byte))
    expect(await received).toEqual(message)
  })

  it('sends in both directions', async () => {
    const [near, far] = (await pair()).map(stream => new MessageStream(stream, offerBound)) as [MessageStream, MessageStream]
    await near.send(delimited([Uint8Array.of(1)]))
    expect(await far.receive(10_000, late)).toEqual(Uint8Array.of(1))
    await far.send(delimited([Uint8Array.of(2)]))
    expect(await near.receive(10_000, late)).toEqual(Uint8Array.of(2))
  })

  it.each([
    ['is larger than allowed', [...encodeVarint(offerMessageBytesMax + 1)], LimitExceededError],
    ['has no length in its shortest form', [0x80, 0], InvalidMessageError]
  ])('refuses a message that %s', async (_, bytes, error) => {
    const [near, far] = await pair()
    const received = new MessageStream(far, offerBound).receive(10_000, late)
    near.send(Uint8Array.from(bytes))
    await expect(received).rejects.toThrow(error)
  })

  it.each([
    ['before', [], PeerUnreachableError],
    ['inside of', [5, 1, 2], InvalidMessageError]
  ])('tells when the other side ends the stream %s its message', async (_, bytes, error) => {
    const [near, far] = await pair()
    const received = new MessageStream(far, offerBound).receive(10_000, late)
    near.send(Uint8Array.from(bytes))
    await near.close()
    await expect(received).rejects.toThrow(error)
  })

  it('gives up waiting with the error of its caller, or with the reason that it is failed for', async () => {
    await expect(new MessageStream((await pair())[1], offerBound).receive(1, late)).rejects.toThrow('nothing came in time')
    const stream = new MessageStream((await pair())[1], offerBound)
    const received = stream.receive(10_000, late)
    stream.fail(new Error('not wanted'))
    await expect(received).rejects.toThrow('not wanted')
  })
})
