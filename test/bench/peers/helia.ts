/**
 * Plain Helia nodes with UnixFS and bitswap over TCP, Noise and Yamux. Turned off is what would talk to strangers, and the
 * number of connections that one address may open in a second, which is below what some of the comparisons need.
 */
import { join } from 'node:path'
import { libp2pDefaults } from '@helia/libp2p'
import { unixfs } from '@helia/unixfs'
import { multiaddr } from '@multiformats/multiaddr'
import { FsBlockstore } from 'blockstore-fs'
import { createHelia } from 'helia'
import { CID } from 'multiformats/cid'
import { serveCalls } from '../calls.ts'
import { fileBytes, fileNames } from '../content.ts'
import { countWireBytes, measured } from './measured.ts'
import type { HeliaWithLibp2p } from '@helia/libp2p'
import type { UnixFS } from '@helia/unixfs'
import type { ServiceMap } from '@libp2p/interface'
import type { Content } from '../content.ts'
import type { FetchArgument, FetchItem, FetchReport, PeerCalls, StartArgument } from '../peer.ts'
import type { Measurement } from './measured.ts'

interface Node {
  helia: HeliaWithLibp2p<ServiceMap>
  files: UnixFS
}

const nodes: Node[] = []
let started: StartArgument = { nodes: 0, listen: false }
let homes = 0

countWireBytes()
serveCalls<PeerCalls>({
  start: async (argument) => {
    started = argument
    nodes.push(...await Promise.all(Array.from({ length: argument.nodes }, newNode)))
    return nodes.flatMap(({ helia }) => helia.libp2p.getMultiaddrs().slice(0, 1).map(String))
  },
  publish: async ({ node, ...content }) => publish(nodeAt(node), content),
  fetch: async argument => argument.isCold ? await fetchCold(argument) : await measured(argument, async (item, measurement) =>
    fetch(nodeAt(0), item, measurement))
}, async () => { await Promise.all(nodes.map(({ helia }) => helia.stop())) })

async function newNode (): Promise<Node> {
  const { home, listen } = started
  const libp2p = libp2pDefaults()
  libp2p.addresses = { listen: listen ? ['/ip4/127.0.0.1/tcp/0'] : [] }
  libp2p.peerDiscovery = []
  libp2p.connectionManager = { inboundConnectionThreshold: 1000, maxIncomingPendingConnections: 1000 }
  Reflect.deleteProperty(libp2p.services, 'upnp')
  const helia = createHelia({
    ...(home === undefined ? {} : { blockstore: new FsBlockstore(join(home, String(homes++))) }),
    http: { delegatedRouters: [], recursiveGateways: [] },
    libp2p
  })
  await helia.start()
  return { helia, files: unixfs(helia) }
}

async function publish ({ files }: Node, content: Content): Promise<string> {
  const sources = fileNames(content).map(path => ({ path, content: fileBytes(content, path) }))
  let root = ''
  for await (const { cid } of files.addAll(sources, { wrapWithDirectory: true })) root = cid.toString()
  return root
}

async function fetch (node: Node, { ref, from }: FetchItem, { signal, received }: Measurement): Promise<void> {
  for (const address of from) {
    const peerId = address.split('/').at(-1)
    const isConnected = node.helia.libp2p.getConnections().some(({ remotePeer }) => remotePeer.toString() === peerId)
    if (!isConnected) await node.helia.libp2p.dial(multiaddr(address), { signal })
  }
  let bytes = 0
  for await (const entry of node.files.ls(CID.parse(ref), { signal })) {
    for await (const piece of node.files.cat(entry.cid, { signal })) {
      bytes += piece.byteLength
      received(bytes)
    }
  }
}

/** A node that has no connection yet: its start is not counted. */
async function fetchCold (argument: FetchArgument): Promise<FetchReport> {
  const node = await newNode()
  try {
    return await measured(argument, async (item, measurement) => fetch(node, item, measurement))
  } finally {
    await node.helia.stop()
  }
}

function nodeAt (index: number): Node {
  const node = nodes[index]
  if (node === undefined) throw new RangeError(`There is no node ${index}`)
  return node
}
