import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createDataNode } from '../../src/index.ts'
import { startProxy } from '../support/proxy.ts'
import type { DataNode } from '../../src/interface/data-node.ts'

/** A publisher, and a reader that has it as its router. */
export interface DatasetPair {
  publisher: DataNode
  reader: DataNode
  /** That came over the connection by now. */
  bytes: () => number
  /** How often the link turned there and back by now. */
  roundTrips: () => number
}

/** Does something with two nodes that have a link between them, in a directory that is empty afterwards. */
export async function withPair<T> (directory: string, rttMs: number, work: (pair: DatasetPair) => Promise<T>): Promise<T> {
  const nodes: DataNode[] = []
  const home = join(directory, 'nodes')
  const storage = { quota: '1TiB', keepFree: 0 } as const
  const publisher = await createDataNode({ home, privateKey: 'generate', listen: ['/ip4/127.0.0.1/tcp/0'], storage })
  nodes.push(publisher)
  const target = Number(/\/tcp\/(\d+)/.exec(publisher.multiaddrs[0] ?? '')?.[1])
  const proxy = await startProxy({ target, oneWayDelayMs: rttMs / 2 })
  try {
    const reader = await createDataNode({
      home: join(directory, 'reader'), privateKey: 'generate', routers: [`${publisher.address}@127.0.0.1:${proxy.port}`], storage
    })
    nodes.push(reader)
    await reader.ready()
    return await work({
      publisher,
      reader,
      bytes: () => proxy.stats().downBytes,
      roundTrips: () => Math.ceil(proxy.stats().directionChanges / 2)
    })
  } finally {
    await Promise.all(nodes.map(async node => { await node.stop() }))
    await proxy.stop()
    await Promise.all([home, join(directory, 'reader')].map(async path => { await rm(path, { recursive: true, force: true }) }))
  }
}
