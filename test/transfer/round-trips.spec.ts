import { onTestFinished, describe, expect, it, vi } from 'vitest'
import { outboundStreamsPerPeerMax, spareStreamsPerPeer } from '../../src/limits.ts'
import { createTransfer } from '../../src/transfer/fetch.ts'
import { startNetwork } from '../network/support.ts'
import { flatDag, leaf, MemoryBlocks } from '../format/dags.ts'
import { Ferry } from './ferry.ts'
import { from, startServer } from './support.ts'
import type { Stream } from '@libp2p/interface'
import type { Transfer } from '../../src/interface/transfer.ts'
import type { Dag } from '../format/dags.ts'

/** One round trip crosses the line twice. */
const oneRoundTrip = 2

type Client = Awaited<ReturnType<typeof startNetwork>>

async function startFar (dags: readonly Dag[], { isRouter = false } = {}): Promise<{
  ferry: Ferry, transfer: Transfer, client: Client, server: Awaited<ReturnType<typeof startServer>>, opened: Stream[]
}> {
  const ferry = new Ferry()
  const server = await startServer(101, dags, new MemoryBlocks(...dags))
  const client = await startNetwork(102, { transports: [ferry.transport], routers: isRouter ? [server.dialled] : [] })
  const opened: Stream[] = []
  const openStream = client.openStream.bind(client)
  client.openStream = async (...question) => {
    const stream = await openStream(...question)
    opened.push(stream)
    return stream
  }
  const transfer = createTransfer({ network: client, log: client.lines.log })
  onTestFinished(() => transfer.stop())
  await client.connect(server.dialled)
  return { ferry, transfer, client, server, opened }
}

async function warm (dags: readonly Dag[]): ReturnType<typeof startFar> {
  const other = flatDag(3, 100, 77)
  const far = await startFar([other, ...dags])
  await far.transfer.fetchDag(other.root, new MemoryBlocks(), from(far.server.dialled))
  await far.ferry.settled()
  return far
}

describe('a bundle costs one round trip', () => {
  it.each([
    ['5 files', 5, 2048], ['20 files', 20, 2048], ['200 files', 200, 2048], ['a megabyte', 4, 1 << 18], ['almost two megabytes', 15, 1 << 17]
  ])('on a connection that was used before: %s', async (_, files, size) => {
    const dag = flatDag(files, size)
    const { ferry, transfer, server } = await warm([dag])
    const into = new MemoryBlocks()
    await ferry.during(async () => await transfer.fetchDag(dag.root, into, from(server.dialled)))
    expect(into.size).toBe(dag.blocks.length)
    expect(ferry.crossings).toBe(oneRoundTrip)
  })

  it('the first time that a router is asked', async () => {
    const dag = flatDag(200, 2048)
    const { ferry, transfer, client, server, opened } = await startFar([dag], { isRouter: true })
    await client.ready()
    await vi.waitFor(() => { expect(opened).toHaveLength(spareStreamsPerPeer) }, { interval: 1, timeout: 10_000 })
    await ferry.settled()
    await ferry.during(async () => await transfer.fetchDag(dag.root, new MemoryBlocks(), from(server.dialled)))
    expect(ferry.crossings).toBe(oneRoundTrip)
  })

  it('also when several are fetched at the same time', async () => {
    const dags = [flatDag(20, 2048, 1), flatDag(20, 2048, 2)]
    const { ferry, transfer, client, server, opened } = await startFar(dags, { isRouter: true })
    await client.ready()
    await vi.waitFor(() => { expect(opened).toHaveLength(spareStreamsPerPeer) }, { interval: 1, timeout: 10_000 })
    await ferry.settled()
    const fetchBoth = dags.map(({ root }) => async () => await transfer.fetchDag(root, new MemoryBlocks(), from(server.dialled)))
    await ferry.during(async () => await Promise.all(fetchBoth.map(async fetch => await fetch())))
    expect(ferry.crossings).toBe(oneRoundTrip)
  })

  it('and so does a refusal', async () => {
    const { ferry, transfer, server } = await warm([])
    await ferry.during(async () => {
      await expect(transfer.fetchDag(leaf('absent').cid, new MemoryBlocks(), from(server.dialled))).rejects.toThrow()
    })
    expect(ferry.crossings).toBe(oneRoundTrip)
  })

  it('and one more, for negotiation, of a peer that was not asked before', async () => {
    const dag = flatDag(20, 2048)
    const { ferry, transfer, server } = await startFar([dag])
    await ferry.settled()
    await ferry.during(async () => await transfer.fetchDag(dag.root, new MemoryBlocks(), from(server.dialled)))
    expect(ferry.crossings).toBe(2 * oneRoundTrip)
  })
})

describe('leaves that are far apart', () => {
  /** Each of every third of the leaves with a request of its own, all of them asked for at once. */
  async function fetchScattered ({ transfer, server }: Awaited<ReturnType<typeof warm>>, dag: Dag, into: MemoryBlocks): Promise<void> {
    const positions = Array.from({ length: scattered }, (_, at) => 3 * at)
    await Promise.all(positions.map(async at =>
      await transfer.fetchDag(dag.root, into, { ...from(server.dialled), from: [at], to: [at, 0], mode: 'all', bytesThere: 0 })))
  }
  const scattered = 4 * outboundStreamsPerPeerMax
  const dagOf = (seed: number): Dag => flatDag(3 * scattered, 4096, seed)

  it('cost a round trip for as many as there may be streams, and once one for those streams', async () => {
    const dags = [dagOf(5), dagOf(6)]
    const far = await warm(dags)
    const crossings: number[] = []
    for (const dag of dags) {
      const into = new MemoryBlocks()
      await into.put(dag.root, dag.blocks[0]?.bytes ?? new Uint8Array())
      await far.ferry.during(async () => { await fetchScattered(far, dag, into) })
      expect(into.size).toBe(1 + scattered)
      crossings.push(far.ferry.crossings)
    }
    // One stream is there from before: while the others are opened, it brings a leaf.
    expect(crossings).toEqual([5 * oneRoundTrip, 4 * oneRoundTrip])
    expect(far.opened).toHaveLength(outboundStreamsPerPeerMax)
  })
})

describe('a large DAG', () => {
  it('costs a handful of round trips: its window is announced when its size is known', async () => {
    const dag = flatDag(24, 1 << 20)
    const { ferry, transfer, server } = await warm([dag])
    const into = new MemoryBlocks()
    await ferry.during(async () => await transfer.fetchDag(dag.root, into, from(server.dialled)))
    expect(into.size).toBe(dag.blocks.length)
    // The first window, and then three of those that even the nearest provider is given.
    expect(ferry.crossings).toBeLessThanOrEqual(4 * oneRoundTrip)
  })

  it('costs its own bytes and less than a hundredth more', async () => {
    const dag = flatDag(24, 1 << 20)
    const { ferry, transfer, server } = await warm([dag])
    await ferry.during(async () => await transfer.fetchDag(dag.root, new MemoryBlocks(), from(server.dialled)))
    expect(ferry.bytesBack).toBeLessThan(dag.bytes * 1.01)
  })
})
