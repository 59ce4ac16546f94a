import { expect, test } from 'vitest'
import { InvalidMessageError, RefusedError, TimedOutError } from '../../src/errors.ts'
import { delimited } from '../../src/format/protobuf.ts'
import { witnessProtocol } from '../../src/format/witness-messages.ts'
import { serveWitness } from '../../src/transfer/serve-witness.ts'
import { askWitness } from '../../src/transfer/witness.ts'
import { startPeer } from './support.ts'
import type { WitnessAnswer } from '../../src/interface/witness.ts'

const signal = new AbortController().signal

type Peer = Awaited<ReturnType<typeof startPeer>>

let clients = 10

async function ask (witness: Peer, timeoutMs?: number): Promise<WitnessAnswer> {
  const client = await startPeer(clients++)
  return await askWitness(client, await client.connect(witness.dialled), { op: 'ask' }, { signal, ...timeoutMs === undefined ? {} : { timeoutMs } })
}

test('gives what a witness says', async () => {
  const witness = await startPeer(1)
  await serveWitness({ network: witness, clock: () => 7, answer: async () => ({ status: 'not-found' }) })
  expect(await ask(witness)).toEqual({ status: 'not-found', time: 7 })
})

test('gives a witness up that does not answer in time', async () => {
  const witness = await startPeer(1)
  await witness.handle(witnessProtocol, async () => { await Promise.withResolvers<undefined>().promise })
  await expect(ask(witness, 50)).rejects.toThrow(TimedOutError)
})

test('refuses garbage, and tells of a peer that is no witness', async () => {
  const witness = await startPeer(1)
  await expect(ask(witness)).rejects.toThrow(RefusedError)
  const liar = await startPeer(3)
  await liar.handle(witnessProtocol, async stream => {
    stream.send(delimited([Uint8Array.of(0)]))
    await stream.close()
  })
  await expect(ask(liar)).rejects.toThrow(InvalidMessageError)
})
