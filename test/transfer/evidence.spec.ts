import { expect, test } from 'vitest'
import { InvalidMessageError, LimitExceededError, PeerUnreachableError, RefusedError, TimedOutError } from '../../src/errors.ts'
import { encodeEvidenceAnswer, evidenceProtocol } from '../../src/format/evidence-messages.ts'
import { delimited } from '../../src/format/protobuf.ts'
import { evidenceAnswerBytesMax } from '../../src/limits.ts'
import { askEvidence } from '../../src/transfer/evidence.ts'
import { startPeer } from './support.ts'
import type { EvidenceAnswer } from '../../src/interface/evidence-lookup.ts'

const signal = new AbortController().signal
const task = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '2', taskId: '3' }

type Peer = Awaited<ReturnType<typeof startPeer>>

let clients = 10

async function ask (peer: Peer, timeoutMs?: number): Promise<EvidenceAnswer> {
  const client = await startPeer(clients++)
  return await askEvidence(client, await client.connect(peer.dialled), { task }, { signal, timeoutMs })
}

/** A peer that sends these bytes, whatever it is asked. */
async function startSaying (bytes: Uint8Array): Promise<Peer> {
  const peer = await startPeer(1)
  await peer.handle(evidenceProtocol, async stream => {
    stream.send(bytes)
    await stream.close()
  })
  return peer
}

test('gives what a peer says', async () => {
  const said: EvidenceAnswer = { status: 'ok', statements: [Uint8Array.of(1)], delegations: [] }
  expect(await ask(await startSaying(encodeEvidenceAnswer(said)))).toEqual(said)
})

test('gives a peer up that does not answer in time, or not to the end', async () => {
  const silent = await startPeer(2)
  await silent.handle(evidenceProtocol, async () => { await Promise.withResolvers<undefined>().promise })
  await expect(ask(silent, 50)).rejects.toThrow(TimedOutError)
  await expect(ask(await startSaying(new Uint8Array(0)))).rejects.toThrow(PeerUnreachableError)
})

test.each([
  ['garbage', delimited([Uint8Array.of(0)]), InvalidMessageError],
  ['half a message', delimited([new Uint8Array(9)]).subarray(0, 5), InvalidMessageError],
  ['more than an answer may have', delimited([new Uint8Array(evidenceAnswerBytesMax + 1)]), LimitExceededError],
  ['that it is busy', encodeEvidenceAnswer({ status: 'busy', statements: [], delegations: [], retryAfterMs: 5 }), RefusedError]
])('refuses %s', async (_, bytes, error) => {
  await expect(ask(await startSaying(bytes))).rejects.toThrow(error)
})

test('tells of a peer that does not answer such questions', async () => {
  await expect(ask(await startPeer(1))).rejects.toThrow(RefusedError)
})
