import { setImmediate } from 'node:timers/promises'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { encodeCarHeader } from '../../src/format/car-sections.ts'
import { rawCodec } from '../../src/format/dag-links.ts'
import { RequestReader } from '../../src/format/message-reader.ts'
import { encodeEnd, encodeHeader } from '../../src/format/messages.ts'
import { concat } from '../../src/format/protobuf.ts'
import { activeProvidersMax, cutWindowBytes, firstWindowBytes, revivalsMax, splitBytesMin } from '../../src/limits.ts'
import { send } from '../../src/network/stream-writer.ts'
import { branch, dagOf, flatDag, leaf, MemoryBlocks, noise } from '../format/dags.ts'
import { data, from, readRequest, sections, sendsFor, startClient, startRawServer, startServer } from './support.ts'
import { StreamReader } from '../../src/transfer/stream-reader.ts'
import type { Stream } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { DagRequest } from '../../src/format/messages.ts'
import type { Network } from '../../src/interface/network.ts'
import type { BlockReader } from '../../src/interface/store.ts'
import type { FetchedDag } from '../../src/interface/transfer.ts'
import type { Dag } from '../format/dags.ts'

/** Directories of large files, so that there are inner blocks far apart. */
function largeDag (directories: number, files: number, size: number): Dag {
  const leaves = Array.from({ length: directories * files }, (_, index) => leaf(noise(size, index)))
  const inner = Array.from({ length: directories }, (_, index) => branch(leaves.slice(index * files, (index + 1) * files), String(index)))
  return dagOf(branch(inner, 'root'), [...inner, ...leaves])
}

/** Little more than what is split. */
const large = largeDag(6, 8, Math.ceil(splitBytesMin / 40))

/** A reader that gives a block only every so often. */
function slow (blocks: BlockReader, everyMs: number): Pick<BlockReader, 'get'> {
  let last = Promise.resolve()
  const timers = new Set<NodeJS.Timeout>()
  onTestFinished(() => { for (const timer of timers) clearTimeout(timer) })
  return {
    get: async (cid) => {
      last = last.then(async () => { await new Promise<void>((resolve) => { timers.add(setTimeout(resolve, everyMs)) }) })
      await last
      return await blocks.get(cid)
    }
  }
}

/** Somebody who neither answers nor refuses. */
function keepFromConnecting (network: Pick<Network, 'connect'>, far: string): void {
  const connect = network.connect.bind(network)
  network.connect = async (name, options) => name === far ? await new Promise<never>(() => {}) : await connect(name, options)
}

/**
 * Serves a DAG of one level, and keeps the last leaf of each part until it is asked for the next one, or there is no more to ask
 * for. It says what it is asked for, and how many bytes it has not sent of the leaves that it was asked for before.
 */
async function startHolding (
  n: number, dag: Dag, onRequest: (request: DagRequest, unsentBytes: number) => Promise<unknown>
): ReturnType<typeof startRawServer> {
  let next = Promise.withResolvers<undefined>()
  let unsentBytes = 0
  return await startRawServer(n, async (stream) => {
    const pieces = new StreamReader(stream)
    const requests = new RequestReader()
    const sendBytes = async (bytes: Uint8Array): Promise<void> => { await send(stream, new Uint8ArrayList(bytes), 10_000) }
    try {
      for (;;) {
        const request = await readRequest(pieces, requests)
        const { mode, from: [start = 0], to: [end = dag.blocks.length] = [] } = request
        const blocks = mode === 'leaves' ? dag.blocks.slice(start + 1, end + 1) : dag.blocks
        const isAllAsked = onRequest(request, unsentBytes)
        next.resolve(undefined)
        next = Promise.withResolvers<undefined>()
        const isMoreAsked = next.promise
        if (mode === 'leaves') unsentBytes += blocks.reduce((sum, { bytes }) => sum + bytes.length, 0)
        await sendBytes(concat([encodeHeader({ status: 'ok', size: dag.bytes }), data(encodeCarHeader(dag.root))]))
        for (const block of blocks) {
          // Whoever asks for more too soon has time to do so.
          for (let turn = 0; turn < 20; turn++) await setImmediate()
          if (mode === 'leaves' && block === blocks.at(-1)) await Promise.race([isMoreAsked, isAllAsked])
          await sendBytes(data(sections(block)))
          if (mode === 'leaves') unsentBytes -= block.bytes.length
        }
        await sendBytes(encodeEnd('ok'))
      }
    } catch {
      // The client is gone, or needs no more of this.
    }
  })
}

function outcomes ({ attempts }: FetchedDag): Record<string, string> {
  return Object.fromEntries(attempts.map(({ provider, outcome }) => [provider, outcome]))
}

function expectEveryBlockOnce (into: MemoryBlocks, dag: Dag): void {
  expect(into.puts.toSorted()).toEqual(dag.blocks.map(({ cid }) => cid.toString()).toSorted())
}

describe('a small DAG', () => {
  it('comes from the next provider when the first one connects and says nothing', async () => {
    const dag = flatDag(20, 2048)
    const silent = await startRawServer(101, async (stream) => { await readRequest(new StreamReader(stream)) })
    const honest = await startServer(103, [dag], new MemoryBlocks(dag))
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()
    const fetched = await transfer.fetchDag(dag.root, into, from(silent.dialled, honest.dialled))
    expect(fetched.provider).toBe(honest.identity.peerId)
    expectEveryBlockOnce(into, dag)
  })

  it('comes from the first provider that answers, however many were silent before it', async () => {
    const dag = flatDag(20, 2048)
    const silent = await Promise.all(Array.from({ length: activeProvidersMax + 1 }, async (_, n) =>
      await startRawServer(110 + n, async (stream) => { await readRequest(new StreamReader(stream)) })))
    const honest = await startServer(103, [dag], new MemoryBlocks(dag))
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()
    const providers = [...silent, honest].map(({ dialled }) => dialled)
    const fetched = await transfer.fetchDag(dag.root, into, { ...from(...providers), stallTimeoutMs: 60_000 })
    expect(fetched.attempts).toMatchObject([{ provider: honest.identity.peerId }])
    expectEveryBlockOnce(into, dag)
  })

  it('comes from the next provider when the first one cannot be reached for long', async () => {
    const dag = flatDag(20, 2048)
    const honest = await startServer(103, [dag], new MemoryBlocks(dag))
    const { transfer, network } = await startClient(102)
    keepFromConnecting(network, 'far away')
    const fetched = await transfer.fetchDag(dag.root, new MemoryBlocks(), from('far away', honest.dialled))
    expect(fetched.attempts).toMatchObject([{ provider: honest.identity.peerId, outcome: 'ok' }])
  })

  it('is asked of one provider alone while that one answers', async () => {
    const dag = flatDag(20, 2048)
    const blocks = new MemoryBlocks(dag)
    const servers = [await startServer(101, [dag], new MemoryBlocks(dag)), await startServer(103, [dag], blocks)]
    const { transfer } = await startClient(102)
    await transfer.fetchDag(dag.root, new MemoryBlocks(), from(...servers.map(({ dialled }) => dialled)))
    expect(blocks.gets).toEqual([])
  })

  it('comes from the next provider when the first one sends a byte now and then', async () => {
    const dag = flatDag(6, 3000)
    const bytes = concat([encodeHeader({ status: 'ok', size: dag.bytes }), data(encodeCarHeader(dag.root), sections(...dag.blocks))])
    const trickles = await startRawServer(101, sendsFor(() => [bytes.subarray(0, 20)], (stream) => {
      let at = 20
      const timer = setInterval(() => {
        if (stream.status === 'open') stream.send(bytes.subarray(at, ++at))
        else clearInterval(timer)
      }, 50)
    }))
    const honest = await startServer(103, [dag], new MemoryBlocks(dag))
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()
    const fetched = await transfer.fetchDag(dag.root, into, { ...from(trickles.dialled, honest.dialled), stallTimeoutMs: 60_000 })
    expect(fetched.provider).toBe(honest.identity.peerId)
    expectEveryBlockOnce(into, dag)
  })

  it('goes on with another provider from where the first one fell silent', async () => {
    const dag = flatDag(6, 3000)
    const start = dag.blocks.slice(0, 3)
    const silent = await startRawServer(101, sendsFor(() => [encodeHeader({ status: 'ok', size: dag.bytes }), data(encodeCarHeader(dag.root), sections(...start))]))
    const blocks = new MemoryBlocks(dag)
    const honest = await startServer(103, [dag], blocks)
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()
    const fetched = await transfer.fetchDag(dag.root, into, { ...from(silent.dialled, honest.dialled), stallTimeoutMs: 60_000 })
    expectEveryBlockOnce(into, dag)
    expect(fetched.attempts.map(({ bytes }) => bytes)).toEqual([266 + 6000, 12_000])
    expect(fetched.attempts[0]?.timeline.map(({ what }) => what)).toEqual(['dialled', 'connected', 'asked', 'answered', 'stalled', 'taken-over', 'ok'])
    expect(blocks.gets).toHaveLength(1 + 4)
  })
})

/** Sends two blocks for each request, and resets the stream. */
async function startFlakyServer (n: number, dag: Dag): ReturnType<typeof startRawServer> {
  return await startRawServer(n, sendsFor(({ from: [index = -1] }) => [
    encodeHeader({ status: 'ok', size: dag.bytes }), data(encodeCarHeader(dag.root), sections(...dag.blocks.slice(index + 1, index + 3)))
  ], (stream) => { stream.abort(new Error('broken off')) }))
}

describe('a provider that is lost on its way', () => {
  it('is connected to again when there is nobody else, as long as it brings something', async () => {
    const dag = flatDag(9, 3000)
    const flaky = await startFlakyServer(101, dag)
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()
    const { attempts } = await transfer.fetchDag(dag.root, into, from(flaky.dialled))
    expectEveryBlockOnce(into, dag)
    expect(attempts).toMatchObject([{ outcome: 'ok', bytes: dag.bytes }])
    expect(attempts[0]?.timeline.filter(({ what }) => what === 'lost')).toHaveLength(4)
  })

  it('is given up after a few times', async () => {
    const dag = flatDag(40, 300)
    const flaky = await startFlakyServer(101, dag)
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()
    await expect(transfer.fetchDag(dag.root, into, from(flaky.dialled))).rejects.toThrow(/broke off its stream/)
    expect(into.size).toBe(2 * (1 + revivalsMax))
  })
})

describe('a large DAG', () => {
  it.each([
    ['of large files in directories', large],
    ['with blocks that stand in several places', duplicated()],
    ['in one level', flatDag(32, Math.ceil(splitBytesMin / 28))]
  ])('%s comes from all providers, every block once', async (_, dag) => {
    expect(dag.bytes).toBeGreaterThan(splitBytesMin)
    const sources = [new MemoryBlocks(dag), new MemoryBlocks(dag), new MemoryBlocks(dag)]
    const servers = await Promise.all(sources.map(async (blocks, n) => await startServer(110 + n, [dag], slow(blocks, 5))))
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()
    const fetched = await transfer.fetchDag(dag.root, into, from(...servers.map(({ dialled }) => dialled)))
    expectEveryBlockOnce(into, dag)
    expect(fetched.bytes).toBe(dag.bytes)
    expect(fetched.attempts.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok'])
    for (const { bytes } of fetched.attempts) expect(bytes).toBeGreaterThan(0)
    expect(fetched.attempts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(dag.bytes)
  })

  it('is divided while others are still being connected to, and of what is theirs nothing more is let come', async () => {
    const dag = flatDag(20, 1 << 20)
    const asked: DagRequest[] = []
    const server = await startRawServer(101, sendsFor((request) => {
      asked.push(request)
      return [encodeHeader({ status: 'ok', size: dag.bytes }), data(encodeCarHeader(dag.root), ...asked.length > 1 ? [] : [sections(dag.blocks[0]!)])]
    }))
    const { transfer, network, opened } = await startClient(102)
    keepFromConnecting(network, 'far away')
    const controller = new AbortController()
    const fetching = transfer.fetchDag(dag.root, new MemoryBlocks(), { ...from(server.dialled, 'far away'), signal: controller.signal })
    const rest = { mode: 'leaves', from: [2] }
    await expect.poll(() => asked, { timeout: 5_000 }).toMatchObject([{ mode: 'all', from: [] }, rest])
    await expect.poll(() => (opened[0] as Stream & { recvWindow: number }).recvWindow, { timeout: 5_000 }).toBe(cutWindowBytes)
    controller.abort(new Error('seen'))
    await expect(fetching).rejects.toThrow('seen')
  })

  it('is asked of a provider part by part, the next one before all of the last has come, and not much sooner', async () => {
    const dag = flatDag(48, 1 << 19)
    const unsent: number[] = []
    const isAllAsked = Promise.withResolvers<undefined>()
    const server = await startHolding(110, dag, ({ mode, to }, unsentBytes) => {
      if (mode === 'leaves') unsent.push(unsentBytes)
      if (mode === 'leaves' && to?.[0] === 48) isAllAsked.resolve(undefined)
      return isAllAsked.promise
    })
    // Where no time passes no rate is known, and whatever happens follows from what comes.
    vi.useFakeTimers({ toFake: ['setInterval'] })
    onTestFinished(() => { vi.useRealTimers() })
    const { transfer, network } = await startClient(102, [], { now: () => 0 })
    keepFromConnecting(network, 'far away')
    const into = new MemoryBlocks()
    await transfer.fetchDag(dag.root, into, { ...from(server.dialled, 'far away'), stallTimeoutMs: 60_000 })
    expectEveryBlockOnce(into, dag)
    const [first, ...others] = unsent
    expect([first, others.length]).toEqual([0, 5])
    for (const bytes of others) expect(bytes).toBeGreaterThan(0)
    for (const bytes of others) expect(bytes).toBeLessThanOrEqual(firstWindowBytes)
  })

  it('survives the loss of a provider half-way', async () => {
    const servers = await Promise.all([110, 111, 112].map(async n => await startServer(n, [large], slow(new MemoryBlocks(large), 8))))
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()
    let isKilled = false
    const fetched = await transfer.fetchDag(large.root, into, {
      ...from(...servers.map(({ dialled }) => dialled)),
      onProgress: ({ type, detail }) => {
        if (isKilled || type !== 'datanode:fetch:progress' || detail.bytesDone < large.bytes / 2) return
        isKilled = true
        void servers[1]?.stop()
      }
    })
    expectEveryBlockOnce(into, large)
    expect(outcomes(fetched)).toMatchObject({ [String(servers[1]?.identity.peerId)]: 'lost' })
  })

  it('loses at most one part to each provider that lies, and names it', async () => {
    const [foreign] = [leaf('foreign')]
    const asked: DagRequest[] = []
    const liars = await Promise.all([110, 111].map(async n => await startRawServer(n, sendsFor((request) => {
      asked.push(request)
      return [encodeHeader({ status: 'ok', size: large.bytes }), data(encodeCarHeader(large.root), sections(foreign)), encodeEnd('ok')]
    }))))
    const honest = await startServer(103, [large], slow(new MemoryBlocks(large), 2))
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()
    const fetched = await transfer.fetchDag(large.root, into, from(honest.dialled, ...liars.map(({ dialled }) => dialled)))
    expectEveryBlockOnce(into, large)
    for (const { identity } of liars) expect(outcomes(fetched)).toMatchObject({ [identity.peerId]: 'corrupt' })
    expect(asked.length).toBeLessThanOrEqual(4)
  })

  it('takes a part over from a provider that falls silent', async () => {
    const blocks = new MemoryBlocks(large)
    let served = 0
    const stalls: Pick<BlockReader, 'get'> = {
      get: async (cid: CID) => cid.code === rawCodec && ++served > 4 ? await new Promise<never>(() => {}) : await blocks.get(cid)
    }
    const stalling = await startServer(101, [large], stalls)
    const honest = await startServer(103, [large], slow(new MemoryBlocks(large), 10))
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()
    const fetched = await transfer.fetchDag(large.root, into, { ...from(honest.dialled, stalling.dialled), stallTimeoutMs: 60_000 })
    expectEveryBlockOnce(into, large)
    expect(fetched.attempts).toHaveLength(2)
    expect(fetched.attempts[1]?.timeline.map(({ what }) => what)).toContain('taken-over')
  })

  it('asks one provider for all that others do not have', async () => {
    const empty = [await startServer(110, [], new MemoryBlocks()), await startServer(111, [], new MemoryBlocks())]
    const honest = await startServer(103, [large], new MemoryBlocks(large))
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()
    const fetched = await transfer.fetchDag(large.root, into, from(honest.dialled, ...empty.map(({ dialled }) => dialled)))
    expectEveryBlockOnce(into, large)
    expect(Object.values(outcomes(fetched)).filter(outcome => outcome === 'ok')).toHaveLength(1)
  })
})

/** The same file in many places, and the same directory too. */
function duplicated (): Dag {
  const leaves = Array.from({ length: 24 }, (_, index) => leaf(noise(Math.ceil(splitBytesMin / 20), index)))
  const directory = branch(leaves.slice(0, 12), 'one')
  const others = branch([...leaves.slice(6, 18), ...leaves.slice(0, 3), ...leaves.slice(18)], 'two')
  return dagOf(branch([directory, others, directory, ...leaves.slice(20)], 'root'), [directory, others, ...leaves])
}
