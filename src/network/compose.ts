import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { identify } from '@libp2p/identify'
import { NotFoundError, start, stop } from '@libp2p/interface'
import { createHeliaLight } from 'helia'
import { InvalidDagError } from '../errors.ts'
import {
  bitswapMessageBytesMax, bitswapStreamsPerPeerMax, bitswapTimeoutMs, bitswapWantsPerPeerMax, connectionsMax, dialTimeoutMs,
  inboundConnectionsPerSecondMax, inboundStreamsPerConnectionMax, tunedWindowBytesMax
} from '../limits.ts'
import { cacheKeys } from './cached-keys.ts'
import { guardFrames } from './frame-guard.ts'
import { PublicBlockstore } from './public-blockstore.ts'
import { silentLogger } from './silent-logger.ts'
import type { BlockBroker, Helia, HeliaMixin } from '@helia/interface'
import type { HeliaWithLibp2p } from '@helia/libp2p'
import type { ConnectionGater, ConnectionProtector, Libp2p, PrivateKey, ServiceMap } from '@libp2p/interface'
import type { Libp2pInit } from 'libp2p'
import type { MultihashHasher } from 'multiformats/hashes/interface'
import type { BlockReader } from '../interface/store.ts'

/** Ways to reach others, in libp2p's form. */
export type Transports = NonNullable<Libp2pInit['transports']>

/** What the composition is made of. */
export interface CompositionInit {
  key: PrivateKey
  publicBlocks: Pick<BlockReader, 'get' | 'has'>
  listen: string[]
  announce: string[]
  transports: Transports
  gater: ConnectionGater
  /** Undefined when the network is open to all. */
  protector?: ConnectionProtector | undefined
}

/** Opens sessions that ask the named peers and nobody else. */
export type BitswapSessions = Required<Pick<BlockBroker, 'createSession'>>

/** A running Helia: libp2p, and bitswap in both directions. */
export interface Composition {
  libp2p: Libp2p
  bitswap: BitswapSessions
  stop(): Promise<void>
}

/** Starts a Helia that knows no other peer than those it is told of, and serves no other block than public ones. */
export async function compose (init: CompositionInit): Promise<Composition> {
  const helia = withLibp2pLight(createHeliaLight({ logger: silentLogger, hashers: [refuseIdentity] }), libp2pInit(init))
  await helia.start()
  try {
    const bitswap = await startBitswap(helia, init.publicBlocks)
    return {
      libp2p: helia.libp2p,
      bitswap,
      stop: async () => {
        await stop(bitswap)
        await helia.stop()
      }
    }
  } catch (error) {
    await helia.stop()
    throw error
  }
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
      return encrypter
    }],
    streamMuxers: [guardFrames(yamux({
      maxInboundStreams: inboundStreamsPerConnectionMax,
      streamOptions: { maxStreamWindowSize: tunedWindowBytesMax }
    }))],
    connectionGater: gater,
    ...protector === undefined ? {} : { connectionProtector: () => protector },
    connectionManager: {
      maxConnections: connectionsMax,
      inboundConnectionThreshold: inboundConnectionsPerSecondMax,
      // Bounded by the gater, which makes room where this would refuse everybody.
      maxIncomingPendingConnections: Infinity,
      dialTimeout: dialTimeoutMs,
      addressDialTimeout: dialTimeoutMs,
      inboundUpgradeTimeout: dialTimeoutMs,
      reconnectRetries: 0,
      resolvers: {}
    },
    connectionMonitor: { enabled: false },
    services: { identify: identify() }
  }
}

/**
 * Starts bitswap over public blocks alone and outside of Helia's own block storage, which would store what it fetches,
 * and would ask every connected peer for a block that went away between two reads.
 */
async function startBitswap (
  helia: HeliaWithLibp2p<ServiceMap>, publicBlocks: Pick<BlockReader, 'get' | 'has'>
): Promise<BitswapSessions> {
  const mixins: HeliaMixin[] = []
  const brokers: BlockBroker[] = []
  const host = {
    ...helia,
    status: 'starting',
    blockstore: new PublicBlockstore(publicBlocks),
    routing: noRouting,
    hasBlockBroker: () => false,
    addMixin: (mixin: HeliaMixin) => { mixins.push(mixin) },
    addBlockBroker: (broker: BlockBroker) => { brokers.push(broker) }
  } as unknown as HeliaWithLibp2p<ServiceMap>
  withBitswap(host, bitswapInit)
  for (const mixin of mixins) {
    await mixin.start?.(host)
  }
  const [broker] = brokers
  if (broker?.createSession === undefined) {
    throw new TypeError('@helia/bitswap made no block broker with sessions')
  }
  await start(broker)
  return broker as BlockBroker & BitswapSessions
}

const bitswapInit: Parameters<typeof withBitswap>[1] & { maxWantListSize: number } = {
  maxInboundStreams: bitswapStreamsPerPeerMax,
  maxOutboundStreams: bitswapStreamsPerPeerMax,
  messageReceiveTimeout: bitswapTimeoutMs,
  messageSendTimeout: bitswapTimeoutMs,
  incomingStreamTimeout: bitswapTimeoutMs,
  sendBlocksTimeout: bitswapTimeoutMs,
  maxIncomingMessageSize: bitswapMessageBytesMax,
  maxOutgoingMessageSize: bitswapMessageBytesMax,
  // the option that is documented has another name, and no effect
  maxWantListSize: bitswapWantsPerPeerMax
}

/** Bitswap looks for further providers when those of a session have nothing. There are none. */
const noRouting: Pick<Helia['routing'], 'findProviders'> = {
  findProviders: () => { throw new NotFoundError('the peer does not have the block, or could not be asked') }
}

/** Bitswap takes any block whose digest is the wanted one, under any hash: an identity hash would be whatever a peer says. */
const refuseIdentity: MultihashHasher<0> = {
  code: 0,
  name: 'identity',
  encode: refuse,
  digest: refuse
}

function refuse (): never {
  throw new InvalidDagError('A block with an identity hash was received')
}
