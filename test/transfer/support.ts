import { memory } from '@libp2p/memory'
import { onTestFinished } from 'vitest'
import { encodeCarSectionHead } from '../../src/format/car-sections.ts'
import { RequestReader } from '../../src/format/message-reader.ts'
import { dagProtocol, encodeDataHead } from '../../src/format/messages.ts'
import { concat } from '../../src/format/protobuf.ts'
import { createTransfer } from '../../src/transfer/fetch.ts'
import { ReaderCheck } from '../../src/transfer/readers.ts'
import { serveDag } from '../../src/transfer/serve.ts'
import { StreamReader } from '../../src/transfer/stream-reader.ts'
import { startNetwork } from '../network/support.ts'
import type { Stream } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { DagRequest } from '../../src/format/messages.ts'
import type { ConnectedPeer, Network } from '../../src/interface/network.ts'
import type { NetworkInit } from '../../src/network/network.ts'
import type { BlockReader } from '../../src/interface/store.ts'
import type { FetchDagOptions, ServedRoot, Transfer } from '../../src/interface/transfer.ts'
import type { TransferComponents } from '../../src/transfer/fetch.ts'
import type { ServeComponents } from '../../src/transfer/serve.ts'
import type { Block, Dag } from '../format/dags.ts'

type RunningNetwork = Awaited<ReturnType<typeof startNetwork>>

/** A network that others can dial, without sockets. */
export async function startPeer (n: number, init: Partial<NetworkInit> = {}): Promise<RunningNetwork & { dialled: string }> {
  const network = await startNetwork(n, { ...init, listen: [`/memory/transfer-${process.pid}-${n}`], transports: [memory()] })
  const [address] = network.multiaddrs
  if (address === undefined) throw new Error('it listens nowhere')
  return Object.assign(network, { dialled: address })
}

/** How roots are served; by default to anyone. */
export type Rules = Partial<ServedRoot>

/** A node that serves these DAGs. */
export async function startServer (
  n: number, dags: readonly Dag[], blocks: Pick<BlockReader, 'get'>, rules: Rules = {}, init: Partial<ServeComponents> = {}
): Promise<RunningNetwork & { dialled: string }> {
  const network = await startPeer(n)
  const roots = new Map(dags.map(dag => [dag.root.toString(), dag]))
  const lookUp = (root: CID): ServedRoot | undefined => {
    const dag = roots.get(root.toString())
    return dag && { readers: 'anyone', embargoed: false, bytes: dag.bytes, access: 'anyone', statements: [], ...rules }
  }
  const { mayRead } = new ReaderCheck({ log: network.lines.log })
  await serveDag({ network, blocks, lookUp, mayRead, log: network.lines.log, ...init })
  return network
}

/** A node that answers requests of the protocol as the test wants. */
export async function startRawServer (
  n: number, handler: (stream: Stream, peer: ConnectedPeer) => Promise<void>
): Promise<RunningNetwork & { dialled: string }> {
  const network = await startPeer(n)
  await network.handle(dagProtocol, handler)
  return network
}

/** A node that fetches, and counts the streams that it opens. */
export async function startClient (
  n: number, routers: string[] = [], init: Partial<TransferComponents> = {}
): Promise<{ transfer: Transfer, network: RunningNetwork, opened: Stream[] }> {
  const network = await startNetwork(n, { transports: [memory()], routers })
  const opened: Stream[] = []
  const counting: Pick<Network, 'find' | 'connect' | 'routerPeers' | 'onRouter' | 'openStream' | 'bitswap' | 'onDisconnect'> = {
    find: peer => network.find(peer),
    connect: (peer, options) => network.connect(peer, options),
    routerPeers: () => network.routerPeers(),
    onRouter: (listener) => { network.onRouter(listener) },
    openStream: async (peer, protocol, options) => {
      const stream = await network.openStream(peer, protocol, options)
      opened.push(stream)
      return stream
    },
    bitswap: (root, peers) => network.bitswap(root, peers),
    onDisconnect: (listener) => { network.onDisconnect(listener) }
  }
  const transfer = createTransfer({ network: counting, log: network.lines.log, ...init })
  onTestFinished(() => transfer.stop())
  return { transfer, network, opened }
}

/** Options of a fetch from these providers, with bounds that no test reaches by accident. */
export function from (...providers: string[]): FetchDagOptions {
  return { providers, bytesMax: 1 << 30, stallTimeoutMs: 5_000 }
}

/** Waits for the next request of a stream. */
export async function readRequest (pieces: StreamReader, requests: RequestReader = new RequestReader()): Promise<DagRequest> {
  for (;;) {
    const piece = await pieces.next(10_000, () => new Error('no request came'))
    if (piece === undefined) throw new Error('the stream ended without a request')
    const [request] = requests.push(piece)
    if (request !== undefined) return request
  }
}

/** A handler that sends these bytes for each request, whatever is asked for, and then does something else. */
export function sendsFor (
  bytesFor: (request: DagRequest) => readonly Uint8Array[], then: (stream: Stream) => void = () => {}
): (stream: Stream) => Promise<void> {
  return async (stream) => {
    const pieces = new StreamReader(stream)
    try {
      for (;;) {
        stream.send(concat(bytesFor(await readRequest(pieces))))
        then(stream)
      }
    } catch {
      // The client is gone.
    }
  }
}

/** Blocks as the sections of a CAR. */
export function sections (...blocks: readonly Block[]): Uint8Array {
  return concat(blocks.flatMap(({ cid, bytes }) => [encodeCarSectionHead(cid, bytes.length), bytes]))
}

/** A data message. */
export function data (...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = concat(parts)
  return concat([encodeDataHead(bytes.length), bytes])
}
