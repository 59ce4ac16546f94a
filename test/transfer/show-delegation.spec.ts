import { expect, test } from 'vitest'
import { encodeHeader } from '../../src/format/messages.ts'
import { RequestReader } from '../../src/format/message-reader.ts'
import { showDelegation } from '../../src/transfer/show-delegation.ts'
import { StreamPool } from '../../src/transfer/stream-pool.ts'
import { StreamReader } from '../../src/transfer/stream-reader.ts'
import { startPeer, startRawServer, startServer } from './support.ts'
import type { DagRequest } from '../../src/format/messages.ts'
import type { ConnectedPeer } from '../../src/interface/network.ts'

const show = Uint8Array.of(1, 2, 3)
const { signal } = new AbortController()

test('shows it to a server with a request that costs it nothing else', async () => {
  const shown: [ConnectedPeer, Uint8Array][] = []
  const server = await startServer(101, [], { get: () => Promise.reject(new Error('read')) }, {}, {
    show: (peer, bytes) => {
      shown.push([peer, bytes])
      return true
    }
  })
  const client = await startPeer(102)
  const peer = await client.connect(server.dialled)
  await showDelegation(new StreamPool(client, { show }), peer, signal)
  expect(shown).toMatchObject([[{ address: client.identity.address }, show]])
})

test('asks for one block of a root that nobody has', async () => {
  const asked: DagRequest[] = []
  const server = await startRawServer(101, async stream => {
    const requests = new RequestReader()
    const piece = await new StreamReader(stream).next(5000, () => new Error('late'))
    asked.push(...requests.push(piece ?? new Uint8Array()))
    stream.send(encodeHeader({ status: 'not-available' }))
  })
  const client = await startPeer(102)
  await showDelegation(new StreamPool(client, { show }), await client.connect(server.dialled), signal)
  expect(asked).toMatchObject([{ mode: 'block', delegation: show }])
})

test('never rejects: when the peer breaks off, does not speak the protocol, or nobody waits any more', async () => {
  const rude = await startRawServer(101, stream => {
    stream.abort(new Error('no'))
    return Promise.resolve()
  })
  const dumb = await startPeer(103)
  const client = await startPeer(102)
  for (const address of [rude.dialled, dumb.dialled]) {
    await showDelegation(new StreamPool(client, { show }), await client.connect(address), signal)
  }
  await showDelegation(new StreamPool(client, { show }), { address: undefined, peerId: 'nobody' }, AbortSignal.abort())
})

test('asks nothing where there is nothing to show', async () => {
  const server = await startRawServer(101, () => Promise.reject(new Error('asked')))
  const client = await startPeer(102)
  await showDelegation(new StreamPool(client), await client.connect(server.dialled), signal)
})
