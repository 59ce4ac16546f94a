import { Uint8ArrayList } from 'uint8arraylist'
import { expect, it } from 'vitest'
import { datasetProtocol, decodeVersionsAnswer } from '../../src/format/dataset-messages.ts'
import { offerBound } from '../../src/format/offer-messages.ts'
import { send } from '../../src/network/stream-writer.ts'
import { answerVersions } from '../../src/transfer/answer-versions.ts'
import { askVersions } from '../../src/transfer/ask-versions.ts'
import { MessageStream } from '../../src/transfer/message-stream.ts'
import { startPeer } from './support.ts'

const query = { publisher: `0x${'ab'.repeat(20)}`, name: 'qa' } as const
const late = (): Error => new Error('no answer came')

it.each([['a query that is none', [2, 8, 1]], ['one that is too long', [255, 127]]])('tells of %s, and looks nothing up', async (_, bytes) => {
  const [server, client] = [await startPeer(1), await startPeer(2)]
  let asked = 0
  await answerVersions({ network: server, lookUp: async () => {
    asked++
    return await Promise.resolve([])
  } })
  const opened = await client.openStream(await client.connect(server.dialled), datasetProtocol)
  await send(opened, new Uint8ArrayList(Uint8Array.from(bytes)), 5_000)
  const answer = await new MessageStream(opened, offerBound).receive(5_000, late)
  expect(decodeVersionsAnswer(answer)).toEqual({ status: 'bad-request', versions: [] })
  expect(asked).toBe(0)
})

it('tells a peer that asks too often to come again', async () => {
  const [server, client] = [await startPeer(1), await startPeer(2)]
  await answerVersions({
    network: { handle: async (protocol, handler) => {
      await server.handle(protocol, async (stream, peer) => { await handler(stream, peer, { admits: () => false, fault: () => {} }) })
    } },
    lookUp: async () => await Promise.reject(new Error('asked'))
  })
  const peer = await client.connect(server.dialled)
  expect(await askVersions(client, peer, query, new AbortController().signal)).toEqual({ status: 'busy', versions: [] })
})
