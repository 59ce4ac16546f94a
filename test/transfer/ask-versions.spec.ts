import { describe, expect, it } from 'vitest'
import { datasetProtocol, encodeVersionsAnswer } from '../../src/format/dataset-messages.ts'
import { cidOf } from '../../src/format/digest.ts'
import { offerBound } from '../../src/format/offer-messages.ts'
import { answerVersions } from '../../src/transfer/answer-versions.ts'
import { askVersions } from '../../src/transfer/ask-versions.ts'
import { MessageStream } from '../../src/transfer/message-stream.ts'
import { startPeer } from './support.ts'
import type { VersionAnswer, VersionQuery } from '../../src/interface/dataset-lookup.ts'

const never = new AbortController().signal
const query: VersionQuery = { publisher: `0x${'ab'.repeat(20)}`, name: 'qa' }
const version: VersionAnswer = { root: cidOf(`0x${'11'.repeat(32)}`), version: '1.0.0', statement: new Uint8Array([1]) }

async function pair () {
  const [server, client] = [await startPeer(1), await startPeer(2)]
  return { server, client, peer: await client.connect(server.dialled) }
}

describe('askVersions', () => {
  it('is answered by who has versions, and says who asks', async () => {
    const { server, client, peer } = await pair()
    const asked: unknown[] = []
    await answerVersions({ network: server, lookUp: async (given, { address }) => {
      asked.push([given, address])
      return await Promise.resolve([version])
    } })
    const { status, versions } = await askVersions(client, peer, query, never)
    expect([status, versions.map(({ root, version }) => [root.toString(), version])]).toEqual(['ok', [[version.root.toString(), '1.0.0']]])
    expect(asked).toEqual([[query, client.identity.address]])
  })

  it('is told of a node that does not know the question', async () => {
    const { client, peer } = await pair()
    await expect(askVersions(client, peer, query, never)).rejects.toMatchObject({ name: 'RefusedError' })
  })

  it('is told of a stream that ends without an answer', async () => {
    const { server, client, peer } = await pair()
    await server.handle(datasetProtocol, async stream => { await stream.close() })
    await expect(askVersions(client, peer, query, never)).rejects.toMatchObject({ name: 'PeerUnreachableError' })
  })

  it('refuses an answer that is malformed', async () => {
    const { server, client, peer } = await pair()
    await server.handle(datasetProtocol, async stream => {
      await new MessageStream(stream, offerBound).send(encodeVersionsAnswer({ status: 'ok', versions: [{ ...version, version: 'x' }] }))
      await stream.close()
    })
    await expect(askVersions(client, peer, query, never)).rejects.toMatchObject({ name: 'InvalidMessageError' })
  })

  it('ends with its signal, although nobody answers', async () => {
    const { server, client, peer } = await pair()
    await server.handle(datasetProtocol, async stream => { await new Promise(resolve => { stream.addEventListener('close', resolve) }) })
    const controller = new AbortController()
    const asked = askVersions(client, peer, query, controller.signal)
    controller.abort(new Error('enough'))
    await expect(asked).rejects.toThrow('enough')
  })
})
