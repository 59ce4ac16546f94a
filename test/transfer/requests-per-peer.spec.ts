import { describe, expect, it } from 'vitest'
import { AnswerReader } from '../../src/format/message-reader.ts'
import { dagProtocol, encodeRequest } from '../../src/format/messages.ts'
import { bitswapProtocol, encodeBitswapMessage } from '../../src/format/bitswap-message.ts'
import { concat } from '../../src/format/protobuf.ts'
import { busyRetryMs, cutStreamsMax, requestBurstSeconds, requestToldSeconds } from '../../src/limits.ts'
import { acceptOffers } from '../../src/transfer/accept-offers.ts'
import { offer } from '../../src/transfer/offer.ts'
import { ReaderCheck } from '../../src/transfer/readers.ts'
import { serveDag } from '../../src/transfer/serve.ts'
import { leaf, MemoryBlocks } from '../format/dags.ts'
import { wantOf } from '../network/bitswap-peer.ts'
import { offered } from './offer-support.ts'
import { startPeer } from './support.ts'
import type { Stream } from '@libp2p/interface'
import type { ConnectedPeer } from '../../src/interface/network.ts'
import type { PeerLimits } from '../../src/interface/peer-limits.ts'

const never = new AbortController().signal
const absent = leaf('absent').cid

type Peer = Awaited<ReturnType<typeof startPeer>>

/** A node that answers one request a second of each peer, and ten at once, or what is said. */
async function startBusy (limits: PeerLimits = { requestsPerSecondPerPeer: 1 }): Promise<Peer> {
  const node = await startPeer(301, { limits })
  const { mayRead } = new ReaderCheck(node.lines)
  await serveDag({ network: node, blocks: new MemoryBlocks(), lookUp: () => undefined, mayRead, log: node.lines.log })
  await acceptOffers({ network: node, log: node.lines.log, policy: { wants: () => false, take: () => Promise.resolve() } })
  return node
}

async function connect (node: Peer, n: number): Promise<{ client: Peer, peer: ConnectedPeer, stream: Stream }> {
  const client = await startPeer(n)
  const peer = await client.connect(node.dialled)
  return { client, peer, stream: await client.openStream(peer, dagProtocol) }
}

/** Asks so often in one go; the statuses that come, and how the stream ended. */
async function ask (stream: Stream, count: number, answers = count): Promise<string[]> {
  const statuses: string[] = []
  const reader = new AnswerReader()
  stream.addEventListener('message', ({ data }) => {
    for (const answer of reader.read(data.subarray())) {
      if (answer.type === 'header') statuses.push(answer.header.retryAfterMs === undefined ? answer.header.status : `${answer.header.status} ${answer.header.retryAfterMs}`)
    }
  })
  const request = encodeRequest({ root: absent, mode: 'all', from: [], to: undefined, since: [] })
  stream.send(concat(Array.from({ length: count }, () => request)))
  await expect.poll(() => stream.status !== 'open' || statuses.length >= answers, { timeout: 10_000 }).toBe(true)
  return statuses
}

const times = (count: number, text: string): string[] => Array.from({ length: count }, () => text)
const busy = `busy ${busyRetryMs}`

describe('a peer that asks a thousand times at once', () => {
  it('is answered each time', async () => {
    const { stream } = await connect(await startBusy({}), 306)
    expect(await ask(stream, 1_000)).toEqual(times(1_000, 'not-available'))
  })
})

describe('a peer that asks too often', () => {
  it('is told, loses its stream, then its connection, and is not let in again; another one is answered', async () => {
    const node = await startBusy()
    const { client, peer, stream } = await connect(node, 302)
    const asked = requestBurstSeconds + requestToldSeconds
    expect(await ask(stream, asked)).toEqual([...times(requestBurstSeconds, 'not-available'), ...times(requestToldSeconds, busy)])

    for (let n = 0; n < cutStreamsMax; n++) {
      const next = await client.openStream(peer, dagProtocol)
      await ask(next, 1)
      expect(next.status).not.toBe('open')
    }
    expect(node.connections).toBe(1)
    const last = await client.openStream(peer, dagProtocol)
    await ask(last, 1)
    await expect.poll(() => node.connections).toBe(0)
    await expect(client.connect(node.dialled).then(async again => await client.openStream(again, dagProtocol))).rejects.toThrow()
    expect(node.connections).toBe(0)

    const other = await connect(node, 303)
    expect(await ask(other.stream, 1)).toEqual(['not-available'])
  })

  it('is told so of an offer as well: all protocols count together', async () => {
    const node = await startBusy()
    const { client, peer, stream } = await connect(node, 304)
    expect(await offer(client, peer, offered, never)).toEqual({ status: 'refused' })
    await ask(stream, requestBurstSeconds - 1)
    expect(await offer(client, peer, offered, never)).toEqual({ status: 'busy', retryAfterMs: busyRetryMs })
  })

  it('is told by bitswap that nothing is there', async () => {
    const node = await startBusy()
    const { client, peer, stream } = await connect(node, 305)
    await ask(stream, requestBurstSeconds)
    const wants = await client.openStream(peer, bitswapProtocol)
    for (const part of encodeBitswapMessage({ wants: [wantOf(absent)] })) wants.send(part)
    await expect(client.bitswap(absent, [peer]).get(absent)).rejects.toThrow('does not have')
    for (let n = 0; n < requestToldSeconds + 1; n++) for (const part of encodeBitswapMessage({ wants: [wantOf(absent)] })) if (wants.status === 'open') wants.send(part)
    await expect.poll(() => wants.status).not.toBe('open')
  })
})
