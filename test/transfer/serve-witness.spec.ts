import { expect, test } from 'vitest'
import { decodeWitnessAnswer, encodeWitnessRequest, witnessBound, witnessProtocol } from '../../src/format/witness-messages.ts'
import { delimited } from '../../src/format/protobuf.ts'
import { witnessRequestsMax } from '../../src/limits.ts'
import { MessageStream } from '../../src/transfer/message-stream.ts'
import { serveWitness } from '../../src/transfer/serve-witness.ts'
import { askWitness } from '../../src/transfer/witness.ts'
import { startPeer } from './support.ts'
import type { ConnectedPeer, Network, PeerMeter } from '../../src/interface/network.ts'
import type { WitnessRequest } from '../../src/interface/witness.ts'
import type { ServeWitnessComponents } from '../../src/transfer/serve-witness.ts'

const signal = new AbortController().signal
type Peer = Awaited<ReturnType<typeof startPeer>>

async function startWitness (answer: ServeWitnessComponents['answer']): Promise<Peer> {
  const witness = await startPeer(1)
  await serveWitness({ network: witness, clock: () => 5, answer })
  return witness
}

test('answers the peer that the handshake proved, with its own time', async () => {
  const asked: [WitnessRequest, ConnectedPeer][] = []
  const witness = await startWitness(async (request, peer) => {
    asked.push([request, peer])
    return { status: 'ok', checkpoint: Uint8Array.of(1) }
  })
  const client = await startPeer(2)
  const answer = await askWitness(client, await client.connect(witness.dialled), { op: 'ask' }, { signal })
  expect(answer).toEqual({ status: 'ok', checkpoint: Uint8Array.of(1), time: 5 })
  expect(asked).toMatchObject([[{ op: 'ask' }, { address: client.identity.address }]])
})

test.each([
  ['an empty message', Uint8Array.of(0)],
  ['something larger than a request may be', delimited([new Uint8Array(20_000)])],
  ['a request that is cut off', encodeWitnessRequest({ op: 'add', checkpoint: new Uint8Array(9), oldSize: 0, proof: [] }).subarray(0, 6)]
])('calls %s a bad request, and asks nobody', async (_, bytes) => {
  const witness = await startWitness(async () => { throw new Error('it was asked') })
  const client = await startPeer(2)
  const opened = await client.openStream(await client.connect(witness.dialled), witnessProtocol)
  const stream = new MessageStream(opened, witnessBound)
  opened.send(bytes)
  await opened.close()
  const answer = decodeWitnessAnswer(await stream.receive(10_000, () => new Error('no answer')))
  expect(answer).toEqual({ status: 'bad-request', time: 5 })
})

test('answers one request of a peer after the other, and a few peers at a time', async () => {
  const running = new Map<string, number>()
  let most = 0
  const gate = Promise.withResolvers<undefined>()
  const full = Promise.withResolvers<undefined>()
  const witness = await startWitness(async (_, { peerId }) => {
    running.set(peerId, (running.get(peerId) ?? 0) + 1)
    const all = [...running.values()].reduce((sum, each) => sum + each, 0)
    most = Math.max(most, all)
    expect(running.get(peerId)).toBe(1)
    if (all === witnessRequestsMax) full.resolve(undefined)
    await gate.promise
    running.set(peerId, 0)
    return { status: 'ok' }
  })
  const clients = await Promise.all(Array.from({ length: witnessRequestsMax + 2 }, async (_, n) => await startPeer(n + 2)))
  const answers = clients.flatMap(client => [0, 1].map(async () =>
    await askWitness(client, await client.connect(witness.dialled), { op: 'ask' }, { signal })))
  await full.promise
  gate.resolve(undefined)
  expect((await Promise.all(answers)).every(({ status }) => status === 'ok')).toBe(true)
  expect(most).toBe(witnessRequestsMax)
})

test('says that it has too much to do, and counts what is against the rules', async () => {
  const counted: string[] = []
  let isAdmitted = true
  const witness = await startPeer(1)
  const metered: Pick<Network, 'handle'> = {
    handle: async (protocol, handler) => {
      await witness.handle(protocol, async (stream, peer) => {
        const meter: PeerMeter = { admits: () => isAdmitted, fault: () => { counted.push('fault') } }
        await handler(stream, peer, meter)
      })
    }
  }
  await serveWitness({ network: metered, clock: () => 5, answer: async () => ({ status: 'forbidden' }) })
  const client = await startPeer(2)
  const peer = await client.connect(witness.dialled)
  expect(await askWitness(client, peer, { op: 'ask' }, { signal })).toMatchObject({ status: 'forbidden' })
  isAdmitted = false
  expect(await askWitness(client, peer, { op: 'ask' }, { signal })).toMatchObject({ status: 'busy' })
  expect(counted).toEqual(['fault'])
})
