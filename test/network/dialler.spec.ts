import { multiaddr } from '@multiformats/multiaddr'
import { peerIdFromString } from '@libp2p/peer-id'
import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, PeerDeniedError, PeerUnreachableError, RefusedError } from '../../src/errors.ts'
import { streamBufferBytesMax } from '../../src/limits.ts'
import { ConnectedPeers } from '../../src/network/connected-peers.ts'
import { DialGate } from '../../src/network/dial-gate.ts'
import { Dialler } from '../../src/network/dialler.ts'
import { alice } from './fake-dialler.ts'
import type { Connection, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { DiallerInit } from '../../src/network/dialler.ts'

const aliceId = peerIdFromString(alice.peerId)
const address = '/ip4/127.0.0.1/tcp/9100'

function named (name: string): Error {
  return Object.assign(new Error(`a ${name}`), { name })
}

interface Fake {
  dialler: Dialler
  gate: DialGate
  dialled: { address: Multiaddr, signal: AbortSignal, denied: unknown }[]
  aborted: Error[]
}

/** A dialler whose only peer is connected, and opens streams as it is told. */
function dialler (
  newStream: Connection['newStream'], status = 'open', dial?: () => Promise<Connection>, check: (name: string) => void = () => {}
): Fake {
  const aborted: Error[] = []
  const connection = {
    remotePeer: aliceId, status, newStream, abort: (error: Error) => { aborted.push(error) }
  } as unknown as Connection
  const peers = new ConnectedPeers()
  peers.add(aliceId)
  const gate = new DialGate()
  const dialled: Fake['dialled'] = []
  let time = 0
  const libp2p = {
    getConnections: () => [connection],
    dial: async (address: Multiaddr, { signal }: { signal: AbortSignal }) => {
      dialled.push({ address, signal, denied: gate.gater.denyDialMultiaddr?.(address) })
      return await dial?.() ?? connection
    }
  } as unknown as DiallerInit['libp2p']
  return { dialler: new Dialler({ libp2p, gate, peerGate: { check }, peers, now: () => time += 20 }), gate, dialled, aborted }
}

const noStream = async (): Promise<Stream> => { throw named('StreamResetError') }

describe('Dialler', () => {
  it('finds the connected peer that a name or a multiaddr stands for, without dialling', async () => {
    const { dialler: it, dialled } = dialler(noStream)
    for (const name of [alice.peerId, alice.address ?? '', `${address}/p2p/${alice.peerId}`]) {
      expect(await it.connect(name)).toEqual(alice)
    }
    expect(dialled).toEqual([])
  })

  it('does not find a peer whose connection is closing', async () => {
    const { dialler: it } = dialler(noStream, 'closing')
    expect(it.isConnected(alice.peerId)).toBe(false)
    await expect(it.connect(alice.peerId)).rejects.toThrow(PeerUnreachableError)
    await expect(it.openStream(alice, '/x/1')).rejects.toThrow(PeerUnreachableError)
  })

  it.each(['', 'nobody', `0x${'00'.repeat(20)}`, 'x'.repeat(100_000)])('is not able to reach %j', async (name) => {
    await expect(dialler(noStream).dialler.connect(name)).rejects.toThrow(PeerUnreachableError)
  })

  it('dials nobody who is denied, by the name that is expected or that stands in the multiaddr', async () => {
    const denied = new PeerDeniedError('denied')
    const checked: string[] = []
    const { dialler: it, dialled } = dialler(noStream, 'open', undefined, (name) => {
      checked.push(name)
      throw denied
    })
    await expect(it.dial(multiaddr(address), { expected: alice.address })).rejects.toBe(denied)
    await expect(it.dial(multiaddr(`${address}/p2p/${alice.peerId}`))).rejects.toBe(denied)
    expect(checked).toEqual([alice.address, alice.address])
    expect(dialled).toEqual([])
    await expect(dialler(noStream, 'open', async () => { throw denied }).dialler.dial(multiaddr(address))).rejects.toBe(denied)
  })

  it('refuses a malformed multiaddr', async () => {
    await expect(dialler(noStream).dialler.connect('/ip4/x')).rejects.toThrow(InvalidArgumentError)
  })

  it('dials a multiaddr through the gate, and closes it behind', async () => {
    const { dialler: it, dialled, gate } = dialler(noStream)
    expect(await it.connect(address)).toEqual(alice)
    expect(dialled).toMatchObject([{ denied: false }])
    expect(gate.gater.denyDialMultiaddr?.(multiaddr(address))).toBe(true)
  })

  it('names the address and every reason when a dial fails', async () => {
    const reason = new AggregateError([new Error('one'), new Error('two')], 'all failed')
    const { dialler: it } = dialler(noStream, 'open', () => Promise.reject(reason))
    const failed = it.connect(address)
    await expect(failed).rejects.toThrow(PeerUnreachableError)
    await expect(failed).rejects.toThrow(`${address} cannot be reached: all failed; one; two`)
  })

  it('rejects with the reason of the signal', async () => {
    const reason = new Error('enough')
    const { dialler: it, dialled } = dialler(noStream, 'open', () => new Promise((_, reject) => {
      dialled[0]?.signal.addEventListener('abort', () => { reject(new Error('aborted')) })
    }))
    await expect(it.connect(address, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await expect(it.openStream(alice, '/x/1', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const abort = new AbortController()
    const dial = it.connect(address, { signal: abort.signal })
    abort.abort(reason)
    await expect(dial).rejects.toBe(reason)
  })

  it('opens a stream that may be paused for a whole window', async () => {
    const stream = { maxReadBufferLength: 1 } as Stream
    expect(await dialler(async () => stream).dialler.openStream(alice, '/x/1')).toBe(stream)
    expect(stream.maxReadBufferLength).toBe(streamBufferBytesMax)
  })

  it('tells a peer that does not speak the protocol from one that fails', async () => {
    const mute = dialler(async () => { throw named('UnsupportedProtocolError') })
    await expect(mute.dialler.openStream(alice, '/x/1')).rejects.toThrow(RefusedError)
    await expect(dialler(noStream).dialler.openStream(alice, '/x/1')).rejects.toThrow(PeerUnreachableError)
  })

  it('takes any answer for the end of a round trip, and only an answer', async () => {
    const closed: Error[] = []
    const stream = { abort: (error: Error) => { closed.push(error) } } as Stream
    expect(await dialler(async () => { throw named('UnsupportedProtocolError') }).dialler.roundTrip(alice)).toBe(20)
    expect(await dialler(async () => stream).dialler.roundTrip(alice)).toBe(20)
    expect(closed).toHaveLength(1)
    await expect(dialler(noStream).dialler.roundTrip(alice)).rejects.toThrow('StreamResetError')
  })

  it('drops every connection to a peer', () => {
    const { dialler: it, aborted } = dialler(noStream)
    it.drop(alice)
    expect(aborted).toHaveLength(1)
  })
})
