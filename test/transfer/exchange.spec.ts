import { expect, test } from 'vitest'
import { LimitExceededError, PeerUnreachableError, RefusedError } from '../../src/errors.ts'
import { delimited } from '../../src/format/protobuf.ts'
import { exchange } from '../../src/transfer/exchange.ts'
import { MessageStream } from '../../src/transfer/message-stream.ts'
import { startPeer } from './support.ts'

const protocol = '/test/exchange/1'
const bound = { bytesMax: 16, limit: 'testBytesMax' }

/** Says something to a peer that does with it what the test wants. */
async function say (
  message: Uint8Array, reply: (said: Uint8Array) => Uint8Array | Promise<Uint8Array>, signal = new AbortController().signal
): Promise<Uint8Array> {
  const server = await startPeer(1)
  await server.handle(protocol, async opened => {
    const stream = new MessageStream(opened, bound)
    await stream.send(await reply(await stream.receive(10_000, () => new Error('nothing came'))))
    await opened.close()
  })
  const client = await startPeer(2)
  return await exchange(client, await client.connect(server.dialled), { protocol, message, bound, signal })
}

test('says one thing and gives the answer', async () => {
  const answer = await say(delimited([Uint8Array.of(1, 2)]), said => delimited([said, Uint8Array.of(3)]))
  expect([...answer]).toEqual([1, 2, 3])
})

test('refuses an answer that is larger than the bound', async () => {
  await expect(say(delimited([]), () => delimited([new Uint8Array(17)]))).rejects.toThrow(LimitExceededError)
})

test('tells of a peer that does not speak the protocol, and of one that breaks off', async () => {
  const [server, client] = [await startPeer(3), await startPeer(4)]
  const init = { protocol, message: delimited([]), bound, signal: new AbortController().signal }
  await expect(exchange(client, await client.connect(server.dialled), init)).rejects.toThrow(RefusedError)
  await expect(say(delimited([]), async () => { throw new Error('broken') })).rejects.toThrow(PeerUnreachableError)
})

test('ends with the reason of the signal', async () => {
  const controller = new AbortController()
  const reason = new Error('enough')
  const never = Promise.withResolvers<Uint8Array>()
  await expect(say(delimited([]), async () => {
    controller.abort(reason)
    return await never.promise
  }, controller.signal)).rejects.toBe(reason)
})
