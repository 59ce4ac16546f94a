import { expect, test } from 'vitest'
import { decodeEvidenceAnswer, encodeEvidenceRequest, evidenceAnswerBound, evidenceProtocol } from '../../src/format/evidence-messages.ts'
import { delimited } from '../../src/format/protobuf.ts'
import { evidenceRequestsMax } from '../../src/limits.ts'
import { askEvidence } from '../../src/transfer/evidence.ts'
import { MessageStream } from '../../src/transfer/message-stream.ts'
import { serveEvidence } from '../../src/transfer/serve-evidence.ts'
import { startPeer } from './support.ts'
import type { EvidenceQuestion } from '../../src/interface/evidence-lookup.ts'
import type { ConnectedPeer, Network, PeerMeter } from '../../src/interface/network.ts'
import type { ServeEvidenceComponents } from '../../src/transfer/serve-evidence.ts'

const signal = new AbortController().signal
const question: EvidenceQuestion = { task: { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '2', taskId: '3' } }
type Peer = Awaited<ReturnType<typeof startPeer>>

async function startOracle (answer: ServeEvidenceComponents['answer'], init: Partial<ServeEvidenceComponents> = {}): Promise<Peer> {
  const oracle = await startPeer(1)
  await serveEvidence({ network: oracle, answer, ...init })
  return oracle
}

test('answers the peer that the handshake proved', async () => {
  const asked: [EvidenceQuestion, ConnectedPeer][] = []
  const oracle = await startOracle(async (...about) => {
    asked.push([about[0], about[1]])
    return { statements: [Uint8Array.of(1)], delegations: [Uint8Array.of(2)] }
  })
  const client = await startPeer(2)
  const answer = await askEvidence(client, await client.connect(oracle.dialled), question, { signal })
  expect(answer).toEqual({ status: 'ok', statements: [Uint8Array.of(1)], delegations: [Uint8Array.of(2)] })
  expect(asked).toMatchObject([[question, { address: client.identity.address }]])
})

test.each([
  ['an empty message', Uint8Array.of(0)],
  ['something larger than a request may be', delimited([new Uint8Array(2000)])],
  ['a request that is cut off', encodeEvidenceRequest(question).subarray(0, 9)]
])('calls %s a bad request, and looks nothing up', async (_, bytes) => {
  const oracle = await startOracle(async () => { throw new Error('it was asked') })
  const client = await startPeer(2)
  const opened = await client.openStream(await client.connect(oracle.dialled), evidenceProtocol)
  const stream = new MessageStream(opened, evidenceAnswerBound)
  opened.send(bytes)
  await opened.close()
  const answer = decodeEvidenceAnswer(await stream.receive(10_000, () => new Error('no answer')))
  expect(answer).toMatchObject({ status: 'bad-request', statements: [] })
})

test('answers one question of a peer after the other, and a few peers at a time', async () => {
  const running = new Map<string, number>()
  let most = 0
  const [gate, full] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
  const oracle = await startOracle(async (_, { peerId }) => {
    running.set(peerId, (running.get(peerId) ?? 0) + 1)
    expect(running.get(peerId)).toBe(1)
    const all = [...running.values()].reduce((sum, each) => sum + each, 0)
    most = Math.max(most, all)
    if (all === evidenceRequestsMax) full.resolve(undefined)
    await gate.promise
    running.set(peerId, 0)
    return { statements: [], delegations: [] }
  })
  const clients = await Promise.all(Array.from({ length: evidenceRequestsMax + 2 }, async (_, n) => await startPeer(n + 2)))
  const answers = clients.flatMap(client => [0, 1].map(async () =>
    await askEvidence(client, await client.connect(oracle.dialled), question, { signal })))
  await full.promise
  gate.resolve(undefined)
  expect((await Promise.all(answers)).every(({ status }) => status === 'ok')).toBe(true)
  expect(most).toBe(evidenceRequestsMax)
})

test('ends what is looked up when its time is over, and answers with what is known by then', async () => {
  const oracle = await startOracle(async (_, __, { signal }) => {
    await new Promise(resolve => { signal.addEventListener('abort', resolve) })
    return { statements: [Uint8Array.of(1)], delegations: [] }
  }, { timeoutMs: 20 })
  const client = await startPeer(2)
  expect((await askEvidence(client, await client.connect(oracle.dialled), question, { signal })).statements).toEqual([Uint8Array.of(1)])
})

test('says that it has too much to do, and counts what is against the rules', async () => {
  const counted: string[] = []
  let isAdmitted = false
  const oracle = await startPeer(1)
  const metered: Pick<Network, 'handle'> = {
    handle: async (protocol, handler) => {
      await oracle.handle(protocol, async (stream, peer) => {
        const meter: PeerMeter = { admits: () => isAdmitted, fault: () => { counted.push('fault') } }
        await handler(stream, peer, meter)
      })
    }
  }
  await serveEvidence({ network: metered, answer: async () => ({ statements: [], delegations: [] }) })
  const client = await startPeer(2)
  const peer = await client.connect(oracle.dialled)
  await expect(askEvidence(client, peer, question, { signal })).rejects.toMatchObject({ name: 'RefusedError', details: { status: 'busy' } })
  expect(counted).toEqual([])
  isAdmitted = true
  const opened = await client.openStream(peer, evidenceProtocol)
  const stream = new MessageStream(opened, evidenceAnswerBound)
  opened.send(Uint8Array.of(0))
  await stream.receive(10_000, () => new Error('no answer'))
  expect(counted).toEqual(['fault'])
})
