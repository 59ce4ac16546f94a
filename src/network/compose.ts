import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { withLibp2pLight } from '@helia/libp2p'
import { identify } from '@libp2p/identify'
import { createHeliaLight } from 'helia'
import { dialTimeoutMs, inboundStreamsPerConnectionMax, tunedWindowBytesMax } from '../limits.ts'
import { cacheKeys } from './cached-keys.ts'
import { guardFrames } from './frame-guard.ts'
import { leanConnections } from './lean-connections.ts'
import { silentLogger } from './silent-logger.ts'
import type { ConnectionGater, ConnectionProtector, Libp2p, PrivateKey } from '@libp2p/interface'
import type { Libp2pInit } from 'libp2p'

/** Ways to reach others, in libp2p's form. */
export type Transports = NonNullable<Libp2pInit['transports']>

/** What the composition is made of. */
export interface CompositionInit {
  key: PrivateKey
  listen: string[]
  announce: string[]
  transports: Transports
  gater: ConnectionGater
  /** Undefined when the network is open to all. */
  protector?: ConnectionProtector | undefined
}

/** A running Helia: libp2p without any protocol but identify. */
export interface Composition {
  libp2p: Libp2p
  stop(): Promise<void>
}

/** Starts a Helia that knows no other peer than those it is told of. */
export async function compose (init: CompositionInit): Promise<Composition> {
  const helia = withLibp2pLight(createHeliaLight({ logger: silentLogger }), libp2pInit(init))
  await helia.start()
  return { libp2p: helia.libp2p, stop: async () => { await helia.stop() } }
}

/** No discovery, no relay, no DHT, no ping, no resolver of names into addresses, and no dial that was not asked for. */
function libp2pInit (
  { key, listen, announce, transports, gater, protector }: CompositionInit
): Libp2pInit & { privateKey: PrivateKey } {
  return {
    privateKey: key,
    logger: silentLogger,
    nodeInfo: { name: 'cortensor-datanode', userAgent: 'cortensor-datanode' },
    addresses: { listen, announce },
    transports,
    connectionEncrypters: [(components) => {
      const encrypter = noise()(components)
      cacheKeys(encrypter)
      return leanConnections(encrypter)
    }],
    streamMuxers: [guardFrames(yamux({
      maxInboundStreams: inboundStreamsPerConnectionMax,
      streamOptions: { maxStreamWindowSize: tunedWindowBytesMax }
    }))],
    connectionGater: gater,
    ...protector === undefined ? {} : { connectionProtector: () => protector },
    connectionManager: {
      // Bounded by gates that make room where these would refuse everybody.
      inboundConnectionThreshold: Infinity,
      maxConnections: Infinity,
      maxIncomingPendingConnections: Infinity,
      dialTimeout: dialTimeoutMs,
      addressDialTimeout: dialTimeoutMs,
      inboundUpgradeTimeout: dialTimeoutMs,
      reconnectRetries: 0,
      resolvers: {}
    },
    connectionMonitor: { enabled: false },
    // Others ask who this is, Kubo among them; what they say of themselves is of no use here, and costs a stream and a signature.
    services: { identify: identify({ runOnConnectionOpen: false }) }
  }
}
