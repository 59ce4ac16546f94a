/** Nodes of this library, driven through its door. */
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { createDataNode } from 'cortensor-datanode'
import { serveCalls } from '../calls.ts'
import { fileBytes, fileNames } from '../content.ts'
import { countWireBytes, measured } from './measured.ts'
import type { DataNode } from 'cortensor-datanode'
import type { Content } from '../content.ts'
import type { FetchArgument, FetchItem, FetchReport, PeerCalls, StartArgument } from '../peer.ts'
import type { Measurement } from './measured.ts'

const session = { chainId: '421614', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '7' }
const stallTimeoutMs = 120_000
const nodes: DataNode[] = []
let started: StartArgument = { nodes: 0, listen: false }
let homes = 0

countWireBytes()
serveCalls<PeerCalls>({
  start: async (argument) => {
    started = argument
    nodes.push(...await Promise.all(Array.from({ length: argument.nodes }, newNode)))
    return nodes.flatMap(({ multiaddrs }) => multiaddrs.slice(0, 1))
  },
  publish: async ({ node, ...content }) => publish(nodeAt(node), content),
  fetch: async argument => argument.isCold ? await fetchCold(argument) : await measured(argument, async (item, measurement) =>
    argument.readBytesPerSecond === undefined ? fetchBundle(nodeAt(0), item, measurement)
      : readSlowly(nodeAt(0), item, { ...measurement, bytesPerSecond: argument.readBytesPerSecond }))
}, async () => { await Promise.all(nodes.map(node => node.stop())) })

async function newNode (): Promise<DataNode> {
  const { home, listen } = started
  return await createDataNode({
    home: home === undefined ? ':memory:' : join(home, String(homes++)),
    privateKey: 'generate',
    ...(listen ? { listen: ['/ip4/127.0.0.1/tcp/0'] } : {})
  })
}

async function publish (node: DataNode, content: Content): Promise<string> {
  const bundle = await node.publishTaskBundle({
    session,
    prompt: content.seed,
    files: fileNames(content).map(name => ({ name, stream: fileBytes(content, name) }))
  }, { readers: 'anyone' })
  await bundle.close()
  return bundle.urn
}

/** A node that has no connection yet: its start is not counted. */
async function fetchCold (argument: FetchArgument): Promise<FetchReport> {
  const node = await newNode()
  try {
    return await measured(argument, async (item, measurement) => fetchBundle(node, item, measurement))
  } finally {
    await node.stop()
  }
}

async function fetchBundle (node: DataNode, { ref, from }: FetchItem, { signal, received }: Measurement): Promise<void> {
  const bundle = await node.fetchTaskBundle(ref, {
    providers: from,
    signal,
    stallTimeoutMs,
    onProgress: ({ type, detail }) => {
      if (type === 'datanode:fetch:progress') received(detail.bytesDone)
    }
  })
  await bundle.close()
}

/** Reads without storing the bundle, as somebody does who has better things to do. */
async function readSlowly (
  node: DataNode, { ref, from, payloadBytes }: FetchItem, { signal, received, bytesPerSecond }: Measurement & { bytesPerSecond: number }
): Promise<void> {
  const bundle = await node.open(ref, { providers: from, signal, stallTimeoutMs, bytesMax: 2 * payloadBytes })
  const startedAt = performance.now()
  let bytes = 0
  for await (const { path, type } of bundle.files('inputs')) {
    for await (const piece of type === 'file' ? bundle.stream(path, { signal }) : []) {
      bytes += piece.byteLength
      received(bytes)
      await setTimeout(Math.max(0, startedAt + bytes / bytesPerSecond * 1000 - performance.now()))
    }
  }
  await bundle.close()
  if (bytes !== payloadBytes) throw new RangeError(`${bytes} bytes were read in place of ${payloadBytes}`)
}

function nodeAt (index: number): DataNode {
  const node = nodes[index]
  if (node === undefined) throw new RangeError(`There is no node ${index}`)
  return node
}
