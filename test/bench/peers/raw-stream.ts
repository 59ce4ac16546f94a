/**
 * libp2p alone: a stream over TCP, Noise and Yamux on which a number of bytes is asked for, and comes in sends of 256 KiB. Each
 * connection keeps its stream. Windows may grow to 64 MiB, so that none of the links here is capped by them.
 */
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { serveCalls } from '../calls.ts'
import { contentBytes } from '../content.ts'
import { countWireBytes, measured } from './measured.ts'
import type { Libp2p, Stream } from '@libp2p/interface'
import type { FetchArgument, FetchItem, FetchReport, PeerCalls } from '../peer.ts'
import type { Measurement } from './measured.ts'

interface Client {
  node: () => Libp2p
  /** By address. */
  streams: Map<string, Stream>
}

const protocol = '/bench/raw/1'
const sendBytes = 256 * 1024
const piece = new Uint8Array(sendBytes)
const windowBytesMax = 64 * 1024 * 1024
const nodes: Libp2p[] = []
const warm: Client = { node: () => nodes[0] as Libp2p, streams: new Map() }

countWireBytes()
serveCalls<PeerCalls>({
  start: async ({ nodes: count, listen }) => {
    nodes.push(...await Promise.all(Array.from({ length: count }, async () => newNode(listen))))
    return nodes.flatMap(node => node.getMultiaddrs().slice(0, 1).map(String))
  },
  publish: async content => String(contentBytes(content)),
  fetch: async argument => argument.isCold ? await fetchCold(argument) : await measured(argument, async (item, measurement) =>
    fetch(warm, item, measurement))
}, async () => { await Promise.all(nodes.map(async node => node.stop())) })

async function newNode (listen: boolean): Promise<Libp2p> {
  const node = await createLibp2p({
    addresses: { listen: listen ? ['/ip4/127.0.0.1/tcp/0'] : [] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    // A busy peer does not answer its pings in time.
    connectionMonitor: { enabled: false },
    connectionManager: { inboundConnectionThreshold: 1000, maxIncomingPendingConnections: 1000 },
    streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: windowBytesMax, maxReadBufferLength: 2 * windowBytesMax } })]
  })
  await node.handle(protocol, serve)
  return node
}

/** Answers each request of eight bytes. */
function serve (stream: Stream): void {
  let request = Buffer.alloc(0)
  stream.addEventListener('message', ({ data }) => {
    request = Buffer.concat([request, data.subarray()])
    for (; request.length >= 8; request = request.subarray(8)) {
      send(stream, Number(request.readBigUInt64BE())).catch((error: unknown) => {
        if (stream.status === 'open') stream.abort(error instanceof Error ? error : new Error(String(error)))
      })
    }
  })
}

async function send (stream: Stream, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= sendBytes) {
    if (isClosed(stream)) return
    stream.send(piece.subarray(0, Math.min(left, sendBytes)))
    while (stream.writeBufferLength > sendBytes && !isClosed(stream)) await drained(stream)
  }
}

function isClosed ({ status }: Stream): boolean {
  return status !== 'open'
}

async function drained (stream: Stream): Promise<void> {
  await new Promise<void>(resolve => {
    const wake = (): void => {
      stream.removeEventListener('drain', wake)
      stream.removeEventListener('close', wake)
      resolve()
    }
    stream.addEventListener('drain', wake)
    stream.addEventListener('close', wake)
  })
}

/** A node that has no connection yet: its start is not counted. */
async function fetchCold (argument: FetchArgument): Promise<FetchReport> {
  const node = await newNode(false)
  try {
    return await measured(argument, async (item, measurement) => fetch({ node: () => node, streams: new Map() }, item, measurement))
  } finally {
    await node.stop()
  }
}

/** Of several peers each sends a part. */
async function fetch (client: Client, { payloadBytes, from }: FetchItem, { signal, received }: Measurement): Promise<void> {
  let total = 0
  const count = (bytes: number): void => {
    total += bytes
    received(total)
  }
  const part = Math.ceil(payloadBytes / from.length)
  await Promise.all(from.map(async (address, i) => {
    const stream = client.streams.get(address) ?? await client.node().dialProtocol(multiaddr(address), protocol, { signal })
    client.streams.set(address, stream)
    await fetchPart(stream, Math.min(part, payloadBytes - i * part), count)
  }))
}

async function fetchPart (stream: Stream, bytes: number, count: (bytes: number) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const onMessage = ({ data }: { data: { byteLength: number } }): void => {
    left -= data.byteLength
    count(data.byteLength)
    if (left === 0) resolve(undefined)
  }
  const onClose = (): void => { reject(new Error('The stream was closed')) }
  let left = bytes
  stream.addEventListener('message', onMessage)
  stream.addEventListener('close', onClose)
  const request = Buffer.alloc(8)
  request.writeBigUInt64BE(BigInt(bytes))
  stream.send(new Uint8Array(request))
  try {
    await promise
  } finally {
    stream.removeEventListener('message', onMessage)
    stream.removeEventListener('close', onClose)
  }
}
