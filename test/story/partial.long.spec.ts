import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { generateBytes } from '../bundle/unixfs-cases.ts'
import { startProxy } from '../support/proxy.ts'
import type { DataNode, DataNodeInit } from '../../src/interface/data-node.ts'
import type { DataNodeProgress } from '../../src/interface/progress.ts'
import type { Proxy } from '../support/proxy.ts'

const mib = 1024 * 1024
const content = generateBytes(3, 40 * mib)

async function directory (): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'datanode-partial-'))
  onTestFinished(async () => { await rm(path, { recursive: true }) })
  return path
}

async function startNode (init: Partial<DataNodeInit>): Promise<DataNode> {
  const node = await createDataNode({ home: await directory(), privateKey: 'generate', ...init })
  onTestFinished(async () => { await node.stop() })
  return node
}

interface Publisher {
  urn: string
  /** Where it is reached over a link that counts. */
  provider: string
  link: Proxy
  node: DataNode
}

/** Somebody with a bundle of 40 MiB and two small files. */
async function startPublisher (): Promise<Publisher> {
  const node = await startNode({ listen: ['/ip4/127.0.0.1/tcp/0'] })
  const bundle = await node.datasets.publish({
    name: 'numbers', version: '1.0.0', files: [{ name: 'large.bin', bytes: content }, { name: 'small/one.txt', text: 'one' }, { name: 'two.txt', text: 'two' }]
  })
  const [address = ''] = node.multiaddrs
  const link = await startProxy({ target: Number(/\/tcp\/(\d+)/.exec(address)?.[1]) })
  onTestFinished(async () => { await link.stop() })
  return { urn: bundle.urn, provider: address.replace(/\/tcp\/\d+/, `/tcp/${link.port}`), link, node }
}

/** Bytes that came over the link while something was done. */
async function brought ({ link }: Publisher, work: () => Promise<unknown>): Promise<number> {
  const before = link.stats().downBytes
  await work()
  return link.stats().downBytes - before
}

describe('a bundle that is opened', () => {
  it('costs what is read of it, and then what is missing', async () => {
    const publisher = await startPublisher()
    const node = await startNode({})
    let bytes = await brought(publisher, async () => {
      const bundle = await node.open(publisher.urn, { providers: [publisher.provider] })
      expect(bundle.manifest).toMatchObject({ kind: 'dataset' })
      expect((await Array.fromAsync(bundle.files('data'))).map(({ path }) => path)).toEqual([
        'data/large.bin', 'data/small', 'data/small/one.txt', 'data/two.txt'
      ])
      expect(Buffer.from(await bundle.bytes('data/large.bin', { offset: 20 * mib + 5, length: 100 })).equals(content.subarray(20 * mib + 5, 20 * mib + 105))).toBe(true)
      await bundle.close()
    })
    expect(bytes).toBeLessThan(1.5 * mib)
    expect(await Array.fromAsync(node.list())).toEqual([])

    const bundle = await node.open(publisher.urn, { providers: [publisher.provider] })
    bytes += await brought(publisher, async () => { await bundle.bytes('data/large.bin', { offset: 10 * mib, length: 8 * mib }) })
    bytes += await brought(publisher, async () => { await bundle.complete({ hold: { owner: 'mirror' } }) })
    expect(bytes).toBeLessThan(1.02 * content.length + 2 * mib)
    expect(await Array.fromAsync(node.list())).toMatchObject([{ kind: 'dataset', holds: [{ owner: 'mirror' }] }])
    await publisher.node.stop()
    expect(Buffer.from(await bundle.bytes('data/large.bin')).equals(content)).toBe(true)
    await bundle.close()
  })

  it('gives the first bytes of a stream long before the last', async () => {
    const publisher = await startPublisher()
    const node = await startNode({})
    const bundle = await node.open(publisher.urn, { providers: [publisher.provider] })
    const bytes = await brought(publisher, async () => {
      for await (const piece of bundle.stream('data/large.bin')) {
        expect(piece.byteLength).toBeGreaterThan(0)
        break
      }
    })
    expect(bytes).toBeLessThan(content.length / 2)
    await bundle.close()
  })
})

describe('a fetch that was interrupted', () => {
  /** Fetches until about so many bytes of the bundle are there. */
  async function fetchPart (node: DataNode, { urn, provider, link }: Publisher, bytes: number, how: 'abort' | 'loss'): Promise<void> {
    const controller = new AbortController()
    let isInterrupted = false
    const onProgress = ({ type, detail }: DataNodeProgress): void => {
      if (isInterrupted || type !== 'datanode:fetch:progress' || detail.bytesDone < bytes) return
      isInterrupted = true
      if (how === 'abort') controller.abort(new Error('enough'))
      else void link.stop()
    }
    await expect(node.datasets.fetch(urn, { providers: [provider], signal: controller.signal, onProgress })).rejects.toThrow()
    expect(isInterrupted).toBe(true)
  }

  /** Fetches the rest, and says how much was there and how much came. */
  async function fetchRest (node: DataNode, { urn }: Publisher, provider: string): Promise<{ there: number, came: number }> {
    const progress: { bytesThere: number, bytesDone: number }[] = []
    const bundle = await node.datasets.fetch(urn, {
      providers: [provider],
      onProgress: ({ type, detail }) => { if (type === 'datanode:fetch:progress') progress.push(detail) }
    })
    expect(Buffer.from(await bundle.bytes('data/large.bin')).equals(content)).toBe(true)
    await bundle.close()
    const { bytesThere = 0, bytesDone = 0 } = progress.at(-1) ?? {}
    return { there: bytesThere, came: bytesDone - bytesThere }
  }

  it.each(['abort', 'loss'] as const)('goes on with what is on disk: %s', async how => {
    const publisher = await startPublisher()
    const node = await startNode({})
    await fetchPart(node, publisher, content.length / 2, how)
    const { there, came } = await fetchRest(node, publisher, publisher.node.multiaddrs[0] ?? '')
    expect(there).toBeGreaterThan(content.length / 3)
    expect(there + came).toBeLessThan(1.001 * content.length + 4096)
  })

  it('goes on in another process', async () => {
    const publisher = await startPublisher()
    const home = await directory()
    const privateKey = '17'.repeat(32)
    const first = await startNode({ home, privateKey })
    await fetchPart(first, publisher, content.length / 2, 'abort')
    await first.stop()
    const { there, came } = await fetchRest(await startNode({ home, privateKey }), publisher, publisher.provider)
    expect(there).toBeGreaterThan(content.length / 3)
    expect(there + came).toBeLessThan(1.001 * content.length + 4096)
  })

  it('is forgotten when the room is needed', async () => {
    const publisher = await startPublisher()
    const node = await startNode({})
    await fetchPart(node, publisher, content.length / 2, 'abort')
    await vi.waitFor(() => { expect(node.health().disk.partialBytes).toBeGreaterThan(content.length / 3) })
    await vi.waitFor(async () => {
      await node.collect()
      expect(node.health().disk.partialBytes).toBe(0)
    })
    expect((await fetchRest(node, publisher, publisher.provider)).there).toBe(0)
  })
})
