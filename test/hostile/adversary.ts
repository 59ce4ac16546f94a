import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import type { Connection, Libp2p, MessageStream, Stream, StreamMuxerFactory } from '@libp2p/interface'

/** Does what it wants with a stream that was opened to it. */
export type HostileHandler = (stream: Stream, connection: Connection) => void | Promise<void>

/** A peer of libp2p that keeps no rule but those of handshake and muxer, and those only as long as it likes. */
export interface Adversary {
  peerId: string
  /** Where it can be dialled. */
  at: string
  libp2p: Libp2p
  /** What its connections consist of below the muxer, the newest last: what is sent here is not framed. */
  wires: MessageStream[]
  dial(at: string): Promise<Connection>
}

/** More than any node would take. */
const many = 100_000

/** Starts one with these handlers. It ends with the test. */
export async function startAdversary (handlers: Record<string, HostileHandler> = {}): Promise<Adversary> {
  const wires: MessageStream[] = []
  const libp2p = await createLibp2p({
    privateKey: await generateKeyPair('secp256k1'),
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [showWires(yamux({ maxInboundStreams: many, maxOutboundStreams: many, enableKeepAlive: false }), wires)],
    connectionManager: { reconnectRetries: 0 },
    connectionMonitor: { enabled: false },
    services: { identify: identify() }
  })
  onTestFinished(async () => {
    for (const connection of libp2p.getConnections()) connection.abort(new Error('The attack is over'))
    await libp2p.stop()
  })
  for (const [protocol, handler] of Object.entries(handlers)) {
    // What a handler throws is that its stream was ended by the other side.
    const guarded: HostileHandler = async (stream, connection) => {
      try {
        await handler(stream, connection)
      } catch {
        stream.abort(new Error('The attack is over'))
      }
    }
    await libp2p.handle(protocol, guarded, { maxInboundStreams: many, maxOutboundStreams: many })
  }
  const at = libp2p.getMultiaddrs()[0]?.toString()
  if (at === undefined) throw new Error('The adversary listens nowhere')
  return { peerId: libp2p.peerId.toString(), at, libp2p, wires, dial: async at => await libp2p.dial(multiaddr(at)) }
}

/** Opens a stream as often as it likes. */
export async function openStream (connection: Connection, protocol: string): Promise<Stream> {
  return await connection.newStream(protocol, { maxOutboundStreams: many, signal: AbortSignal.timeout(60_000) })
}

/** Sends what `next` gives, as fast as it is taken, until the stream ends or there is no more. */
export async function pour (stream: Stream, next: () => Uint8Array | undefined): Promise<void> {
  for (let bytes = next(); bytes !== undefined && stream.status === 'open' && stream.writeStatus === 'writable'; bytes = next()) {
    if (!stream.send(bytes)) await Promise.race([event(stream, 'drain'), event(stream, 'close')])
    else await setImmediate()
  }
}

/** Resolves when the stream has ended. */
export async function ended (stream: MessageStream): Promise<void> {
  if (stream.status === 'open') await event(stream, 'close')
}

async function event (stream: MessageStream, name: 'drain' | 'close'): Promise<void> {
  await once(stream as unknown as EventTarget, name)
}

function showWires (create: () => StreamMuxerFactory, wires: MessageStream[]): () => StreamMuxerFactory {
  return () => {
    const factory = create()
    const createStreamMuxer = factory.createStreamMuxer.bind(factory)
    factory.createStreamMuxer = (wire) => {
      wires.push(wire)
      return createStreamMuxer(wire)
    }
    return factory
  }
}
