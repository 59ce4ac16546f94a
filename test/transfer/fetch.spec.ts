import { describe, expect, it, vi } from 'vitest'
import {
  CorruptTransferError, InvalidDagError, LimitExceededError, RefusedError, StoppedError, StorageError, StorageFullError, TimedOutError,
  UnavailableError
} from '../../src/errors.ts'
import { encodeCarHeader } from '../../src/format/car-sections.ts'
import { dagPbCodec } from '../../src/format/dag-links.ts'
import { encodeEnd, encodeHeader } from '../../src/format/messages.ts'
import { nodeWindowBytesMax, silenceMs } from '../../src/limits.ts'
import { StreamReader } from '../../src/transfer/stream-reader.ts'
import { branch, cidOfBytes, dagOf, deepDag, flatDag, leaf, MemoryBlocks } from '../format/dags.ts'
import { offered, startTaker } from './offer-support.ts'
import { data, from, readRequest, sections, sendsFor, startClient, startRawServer, startServer } from './support.ts'
import type { Stream } from '@libp2p/interface'
import type { DataNodeProgress, ProgressSummary } from '../../src/interface/progress.ts'
import type { Dag } from '../format/dags.ts'

function cidsOf (dag: Dag): string[] {
  return dag.blocks.map(({ cid }) => cid.toString()).toSorted()
}

/** Takes no DAG with more bytes than this. */
class BoundedBlocks extends MemoryBlocks {
  readonly #bytesMax: number

  constructor (bytesMax: number) {
    super()
    this.#bytesMax = bytesMax
  }

  expect (bytes: number): void {
    if (bytes > this.#bytesMax) throw new StorageFullError('no room', { held: 7 })
  }
}

describe('fetchDag', () => {
  it.each([
    ['20 files of 2 KB', flatDag(20, 2048)],
    ['nested directories', deepDag(3, 5)],
    ['a file of 8 MiB', flatDag(8, 1 << 20)],
    ['one leaf', dagOf(leaf('alone'), [])],
    ['an empty directory', dagOf(branch([]), [])]
  ])('brings in %s, every block once', async (_, dag) => {
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()

    const fetched = await transfer.fetchDag(dag.root, into, from(server.dialled))

    expect(into.puts.toSorted()).toEqual(cidsOf(dag))
    expect(fetched).toMatchObject({ access: 'anyone', bytes: dag.bytes, provider: server.identity.peerId, statements: [] })
    expect(fetched.attempts).toMatchObject([{ provider: server.identity.peerId, outcome: 'ok', bytes: dag.bytes }])
  })

  it('brings what the header says of a root', async () => {
    const dag = flatDag(2, 10)
    const statements = [Uint8Array.of(1), Uint8Array.of(2, 3)]
    const server = await startServer(101, [dag], new MemoryBlocks(dag), { access: 'restricted', statements })
    const { transfer } = await startClient(102)
    expect(await transfer.fetchDag(dag.root, new MemoryBlocks(), from(server.dialled))).toMatchObject({ access: 'restricted', statements })
  })

  it('uses one stream for many fetches, one after the other', async () => {
    const dags = [flatDag(3, 100, 1), flatDag(3, 100, 2), flatDag(3, 100, 3)]
    const server = await startServer(101, dags, new MemoryBlocks(...dags))
    const { transfer, opened } = await startClient(102)
    for (const dag of dags) await transfer.fetchDag(dag.root, new MemoryBlocks(), from(server.dialled))
    expect(opened).toHaveLength(1)
  })

  it('uses a stream again after a refusal', async () => {
    const dag = flatDag(3, 100)
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const { transfer, opened } = await startClient(102)
    await expect(transfer.fetchDag(leaf('absent').cid, new MemoryBlocks(), from(server.dialled))).rejects.toThrow(UnavailableError)
    await transfer.fetchDag(dag.root, new MemoryBlocks(), from(server.dialled))
    expect(opened).toHaveLength(1)
  })

  it('brings in forty DAGs at the same time from one provider that allows fewer streams', async () => {
    const dags = Array.from({ length: 40 }, (_, index) => flatDag(5, 1000, index))
    const server = await startServer(101, dags, new MemoryBlocks(...dags))
    const { transfer } = await startClient(102)
    const fetched = await Promise.all(dags.map(dag => transfer.fetchDag(dag.root, new MemoryBlocks(), from(server.dialled))))
    expect(fetched.map(({ bytes }) => bytes)).toEqual(dags.map(({ bytes }) => bytes))
  })

  it('opens another stream when an idle one has died', async () => {
    const dag = flatDag(3, 100)
    let requests = 0
    const served = new MemoryBlocks(dag)
    const server = await startRawServer(101, async (stream) => {
      const pieces = new StreamReader(stream)
      await readRequest(pieces)
      requests++
      stream.send(encodeHeader({ status: 'not-available' }))
      // Nothing tells the client that the next request will not be read.
      await readRequest(pieces)
      requests++
      stream.abort(new Error('given up'))
    })
    const { transfer, opened } = await startClient(102)
    for (let round = 0; round < 2; round++) {
      await expect(transfer.fetchDag(dag.root, served, from(server.dialled))).rejects.toThrow(UnavailableError)
    }
    expect(opened).toHaveLength(2)
    expect(requests).toBe(3)
  })

  it('brings in an interval, when the blocks above it are there', async () => {
    const files = [flatDag(4, 100, 1), flatDag(4, 100, 2), flatDag(4, 100, 3)]
    const blocks = files.flatMap(file => file.blocks)
    const root = branch(files.map(file => ({ cid: file.root })))
    const dag = dagOf(root, blocks)
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks({ blocks: [root, ...blocks.filter(({ cid }) => cid.equals(files[1]?.root))] })

    const fetched = await transfer.fetchDag(dag.root, into, { ...from(server.dialled), from: [1, 2], to: [2] })

    expect(into.puts).toEqual(files[1]?.blocks.slice(3).map(({ cid }) => cid.toString()))
    expect(fetched.bytes).toBe(200)
  })

  it('brings in the whole from adjacent intervals', async () => {
    const dag = deepDag(3, 3)
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()
    for (const [first, end] of [[[], [0, 2]], [[0, 2], [1, 0, 1]], [[1, 0, 1], [2]], [[2], undefined]]) {
      await transfer.fetchDag(dag.root, into, { ...from(server.dialled), ...(first && { from: first }), ...(end && { to: end }) })
    }
    expect(into.puts.toSorted()).toEqual(cidsOf(dag))
  })

  it('asks for nothing that is there, and says how much that was', async () => {
    const dag = deepDag(3, 3)
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const { transfer } = await startClient(102)
    const there = dag.blocks.filter((_, index) => index % 3 > 0 || index === 0)
    const bytesThere = there.reduce((sum, { bytes }) => sum + bytes.length, 0)
    const into = new MemoryBlocks({ blocks: there })
    const progress: ProgressSummary[] = []
    const onProgress = ({ type, detail }: DataNodeProgress): void => {
      if (type === 'datanode:fetch:progress') progress.push(detail)
    }

    const fetched = await transfer.fetchDag(dag.root, into, { ...from(server.dialled), bytesThere, onProgress })

    expect(into.size).toBe(dag.blocks.length)
    expect(new Set(into.puts).size).toBe(into.puts.length)
    expect(fetched.bytes).toBeLessThan(dag.bytes)
    expect(progress.at(-1)).toMatchObject({ bytesThere, bytesDone: bytesThere + fetched.bytes, bytesTotal: dag.bytes })
  })

  it('divides what may be sent ahead among all fetches', async () => {
    const dags = Array.from({ length: 16 }, (_, index) => flatDag(2, 1000, index))
    const server = await startRawServer(101, sendsFor(({ root }) => [
      encodeHeader({ status: 'ok', size: 10 << 20 }), data(encodeCarHeader(root), sections(...dags.flatMap(({ blocks }) => blocks.filter(({ cid }) => cid.equals(root)))))
    ]))
    const { transfer, opened } = await startClient(102)
    const controller = new AbortController()
    const fetches = dags.map(async ({ root }) => {
      await transfer.fetchDag(root, new MemoryBlocks(), { ...from(server.dialled), signal: controller.signal })
    })
    const windows = (): number[] => opened.map(stream => (stream as Stream & { recvWindow: number }).recvWindow)
    await vi.waitFor(() => { expect(windows()).toEqual(dags.map(() => nodeWindowBytesMax / dags.length)) })
    controller.abort(new Error('enough'))
    await Promise.allSettled(fetches)
  })

  it('asks nobody when everything is there', async () => {
    const dag = deepDag(2, 2)
    const { transfer, opened } = await startClient(102)
    const { bytes, attempts } = await transfer.fetchDag(dag.root, new MemoryBlocks(dag), { ...from('/memory/nobody'), bytesThere: dag.bytes })
    expect([bytes, attempts, opened]).toEqual([0, [], []])
  })

  it('counts what was there as part of what it may bring in', async () => {
    const dag = flatDag(4, 1000)
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const { transfer } = await startClient(102)
    const there = dag.blocks.slice(0, 3)
    const bytesThere = there.reduce((sum, { bytes }) => sum + bytes.length, 0)
    const fetchUpTo = async (bytesMax: number): Promise<unknown> =>
      await transfer.fetchDag(dag.root, new MemoryBlocks({ blocks: there }), { ...from(server.dialled), bytesThere, bytesMax })
    await expect(fetchUpTo(dag.bytes - 1)).rejects.toThrow(LimitExceededError)
    await fetchUpTo(dag.bytes)
  })

  it('ends when enough has come, on a stream that it uses again', async () => {
    const dag = flatDag(40, 1000)
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const { transfer, opened } = await startClient(102)
    for (let round = 0; round < 3; round++) {
      const into = new MemoryBlocks()
      const { bytes } = await transfer.fetchDag(dag.root, into, { ...from(server.dialled), enoughBytes: 5000, bytesMax: 9000 })
      expect(bytes).toBeGreaterThan(4000)
      expect(bytes).toBeLessThanOrEqual(5000)
    }
    expect(opened).toHaveLength(1)
  })

  it('stops listening to who sends more though there is enough', async () => {
    const dag = flatDag(40, 100_000)
    const server = await startRawServer(101, sendsFor(() => [
      encodeHeader({ status: 'ok', size: dag.bytes }), data(encodeCarHeader(dag.root)), ...dag.blocks.map(block => data(sections(block))), encodeEnd('ok')
    ]))
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()
    const { attempts } = await transfer.fetchDag(dag.root, into, { ...from(server.dialled), enoughBytes: 5000 })
    expect(attempts).toMatchObject([{ outcome: 'ok' }])
    expect(into.size).toBeLessThan(41)
  })

  it('calls an end corrupt that comes before any block', async () => {
    const dag = flatDag(4, 1000)
    const server = await startRawServer(101, sendsFor(() => [encodeHeader({ status: 'ok', size: dag.bytes }), data(encodeCarHeader(dag.root)), encodeEnd('ok')]))
    const { transfer } = await startClient(102)
    const fetching = transfer.fetchDag(dag.root, new MemoryBlocks(), { ...from(server.dialled), enoughBytes: 2500 })
    await expect(fetching).rejects.toThrow(CorruptTransferError)
  })

  it('brings in inner blocks only, when no more is wanted', async () => {
    const dag = deepDag(2, 3)
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()
    await transfer.fetchDag(dag.root, into, { ...from(server.dialled), mode: 'inner' })
    expect(into.size).toBe(7)
  })

  it('asks nobody for an interval in which nothing is', async () => {
    const dag = flatDag(2, 10)
    const { transfer } = await startClient(102)
    const fetched = await transfer.fetchDag(dag.root, new MemoryBlocks(dag), { ...from('nobody'), from: [7] })
    expect(fetched).toMatchObject({ bytes: 0, attempts: [] })
  })

  it('asks the connected routers when no named provider has it', async () => {
    const dag = flatDag(2, 10)
    const [empty, server] = [await startServer(101, [], new MemoryBlocks()), await startServer(103, [dag], new MemoryBlocks(dag))]
    const { transfer, network } = await startClient(102, [server.dialled])
    await network.ready()
    const fetched = await transfer.fetchDag(dag.root, new MemoryBlocks(), from('not an address', empty.dialled, empty.identity.address))
    expect(fetched.provider).toBe(server.identity.peerId)
    expect(fetched.attempts.map(({ outcome }) => outcome)).toEqual(['unreachable', 'not-available', 'ok'])
  })

  it('brings in no more bytes a second than it may, and takes that for no silence of the provider', async () => {
    const dag = flatDag(64, 1 << 10)
    const blocks = new MemoryBlocks(dag)
    const servers = [await startServer(101, [dag], new MemoryBlocks(dag)), await startServer(103, [dag], blocks)]
    const { transfer } = await startClient(102, [], { downloadBytesPerSecond: 1 << 15 })
    const startedAt = performance.now()
    const fetched = await transfer.fetchDag(dag.root, new MemoryBlocks(), from(...servers.map(({ dialled }) => dialled)))
    // No timer fires early, and only the first turn waits for nothing.
    expect(performance.now() - startedAt).toBeGreaterThan(silenceMs)
    expect(fetched.attempts).toHaveLength(1)
    expect(blocks.gets).toEqual([])
  })

  it('asks nobody but the named providers when it is said', async () => {
    const dag = flatDag(3, 100)
    const router = await startServer(101, [dag], new MemoryBlocks(dag))
    const empty = await startServer(103, [], new MemoryBlocks())
    const { transfer, network } = await startClient(102, [router.dialled])
    await network.ready()
    const fetching = transfer.fetchDag(dag.root, new MemoryBlocks(), { ...from(empty.dialled), asksRouters: false })
    await expect(fetching).rejects.toMatchObject({ name: 'UnavailableError', details: { attempts: [{ provider: empty.identity.peerId }] } })
    expect((await transfer.fetchDag(dag.root, new MemoryBlocks(), from(empty.dialled))).provider).toBe(router.identity.peerId)
  })

  it('tells how it goes, and is not stopped by a display that throws', async () => {
    const dag = flatDag(4, 1000)
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const { transfer } = await startClient(102)
    const events: DataNodeProgress[] = []
    const onProgress = (event: DataNodeProgress): void => {
      events.push(event)
      throw new Error('display')
    }
    await transfer.fetchDag(dag.root, new MemoryBlocks(), { ...from(server.dialled), onProgress })
    expect(events[0]).toEqual({ type: 'datanode:fetch:provider', detail: { provider: server.identity.peerId, protocol: 'dag' } })
    expect(events.at(-1)).toMatchObject({
      type: 'datanode:fetch:progress', detail: { bytesDone: dag.bytes, bytesTotal: dag.bytes, providers: [server.identity.peerId] }
    })
  })
})

describe('fetchDag rejects', () => {
  it('with UnavailableError when there is nobody to ask', async () => {
    const { transfer } = await startClient(102)
    const { cid } = leaf('anything')
    await expect(transfer.fetchDag(cid, new MemoryBlocks(), from())).rejects.toMatchObject({
      name: 'UnavailableError',
      message: `Nobody could be asked for ${cid.toString()}: no provider was named and this node has no router. Name one that has it`
    })
  })

  it('with every attempt when nobody has it', async () => {
    const server = await startServer(101, [], new MemoryBlocks())
    const { transfer } = await startClient(102)
    const failed = transfer.fetchDag(leaf('absent').cid, new MemoryBlocks(), from(server.dialled, 'not an address'))
    await expect(failed).rejects.toMatchObject({
      name: 'UnavailableError', details: { attempts: [{ outcome: 'not-available', provider: server.identity.peerId }, { outcome: 'unreachable' }] }
    })
  })

  it('with UnavailableError when the only provider has not revealed it', async () => {
    const dag = flatDag(1, 10)
    const { transfer, network } = await startClient(102)
    const server = await startServer(101, [dag], new MemoryBlocks(dag), { readers: [network.identity.address], embargoed: true })
    await expect(transfer.fetchDag(dag.root, new MemoryBlocks(), from(server.dialled)))
      .rejects.toMatchObject({ name: 'UnavailableError', details: { attempts: [{ outcome: 'embargoed' }] } })
  })

  it.each([['busy', 'busy'], ['bad-request', 'bad-request'], ['unknown', 'bad-request']] as const)('with RefusedError when the only provider says %s', async (status, outcome) => {
    const server = await startRawServer(101, sendsFor(() => [encodeHeader({ status, retryAfterMs: 5 })]))
    const { transfer } = await startClient(102)
    const failed = transfer.fetchDag(leaf('x').cid, new MemoryBlocks(), from(server.dialled))
    await expect(failed).rejects.toThrow(RefusedError)
    await expect(failed).rejects.toMatchObject({ details: { peer: server.identity.peerId, retryAfterMs: 5, attempts: [{ outcome }] } })
  })

  it('from a provider that has too much to do at first, when it says that it may be asked again', async () => {
    const dag = flatDag(1, 10)
    let asked = 0
    const busy = [encodeHeader({ status: 'busy', retryAfterMs: 1 })]
    const answer = [encodeHeader({ status: 'ok', size: dag.bytes }), data(encodeCarHeader(dag.root), sections(...dag.blocks)), encodeEnd('ok')]
    const server = await startRawServer(101, sendsFor(() => asked++ < 2 ? busy : answer))
    const { transfer } = await startClient(102)
    const fetched = await transfer.fetchDag(dag.root, new MemoryBlocks(), from(server.dialled))
    expect(fetched.attempts[0]?.timeline.map(({ what }) => what).filter(what => what === 'busy')).toHaveLength(2)
  })

  it('with LimitExceededError when the header announces too much, before anything is put', async () => {
    const dag = flatDag(4, 1000)
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()
    await expect(transfer.fetchDag(dag.root, into, { ...from(server.dialled), bytesMax: dag.bytes - 1 })).rejects.toThrow(LimitExceededError)
    expect(into.size).toBe(0)
    await transfer.fetchDag(dag.root, into, { ...from(server.dialled), bytesMax: dag.bytes })
  })

  it('with StorageFullError when the header announces more than can be stored, before anything is put', async () => {
    const dag = flatDag(4, 1000)
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const { transfer } = await startClient(102)
    const into = new BoundedBlocks(dag.bytes - 1)
    const failed = transfer.fetchDag(dag.root, into, from(server.dialled, 'not an address'))
    await expect(failed).rejects.toThrow(StorageFullError)
    await expect(failed).rejects.toMatchObject({
      message: expect.stringContaining('no room') as string,
      details: { held: 7, attempts: [{ provider: server.identity.peerId, outcome: 'too-large' }, { outcome: 'unreachable' }] }
    })
    expect(into.size).toBe(0)
    await transfer.fetchDag(dag.root, new BoundedBlocks(dag.bytes), from(server.dialled))
  })

  it('with what the store throws at a header when that is not about room', async () => {
    const dag = flatDag(4, 1000)
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const { transfer } = await startClient(102)
    const error = new StorageError('broken')
    const into = Object.assign(new MemoryBlocks(), { expect: () => { throw error } })
    await expect(transfer.fetchDag(dag.root, into, from(server.dialled, server.dialled))).rejects.toBe(error)
  })

  it('with nothing when only one provider says that it is too large to be stored', async () => {
    const dag = flatDag(4, 1000)
    const boaster = await startServer(101, [dag], new MemoryBlocks(dag), { bytes: dag.bytes + 1 })
    const server = await startServer(103, [dag], new MemoryBlocks(dag))
    const { transfer } = await startClient(102)
    const into = new BoundedBlocks(dag.bytes)
    const { attempts } = await transfer.fetchDag(dag.root, into, from(boaster.dialled, server.dialled))
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['too-large', 'ok'])
    expect(into.puts.toSorted()).toEqual(cidsOf(dag))
  })

  it('with nothing when a part is fetched of what could not be stored whole', async () => {
    const dag = flatDag(4, 1000)
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const { transfer } = await startClient(102)
    await transfer.fetchDag(dag.root, new BoundedBlocks(1), { ...from(server.dialled), to: [1] })
  })

  it('with LimitExceededError when more comes than allowed and nothing was announced', async () => {
    const dag = flatDag(4, 1000)
    const server = await startServer(101, [dag], new MemoryBlocks(dag), { bytes: 0 })
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()
    const interval = { to: [3] }
    await expect(transfer.fetchDag(dag.root, into, { ...from(server.dialled), ...interval, bytesMax: 2500 })).rejects.toThrow(CorruptTransferError)
    const honest = await startServer(103, [dag], new MemoryBlocks(dag))
    await expect(transfer.fetchDag(dag.root, into, { ...from(honest.dialled), ...interval, bytesMax: 2500 })).rejects.toThrow(LimitExceededError)
    expect(into.size).toBeLessThanOrEqual(3)
  })

  it('with InvalidDagError when the DAG has what no bundle may have, whoever sends it', async () => {
    const bytes = Uint8Array.of(0xff)
    const dag = dagOf({ cid: cidOfBytes(dagPbCodec, bytes), bytes }, [])
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const answer = [encodeHeader({ status: 'ok' }), data(encodeCarHeader(dag.root), sections(...dag.blocks)), encodeEnd('ok')]
    const other = await startRawServer(103, sendsFor(() => answer))
    const { transfer } = await startClient(102)
    await expect(transfer.fetchDag(dag.root, new MemoryBlocks(), from(other.dialled, server.dialled))).rejects.toThrow(InvalidDagError)
    await expect(transfer.fetchDag(cidOfBytes(0x71, bytes), new MemoryBlocks(), from(server.dialled))).rejects.toThrow(InvalidDagError)
  })

  it('with what the sink threw, after its other puts have ended', async () => {
    const dag = flatDag(40, 1000)
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const { transfer } = await startClient(102)
    const broken = new StorageError('disk full')
    let running = 0
    const into = new MemoryBlocks()
    const failing = {
      get: into.get.bind(into), has: into.has.bind(into),
      put: async () => {
        running++
        await Promise.resolve()
        running--
        throw broken
      }
    }
    await expect(transfer.fetchDag(dag.root, failing, from(server.dialled))).rejects.toBe(broken)
    expect(running).toBe(0)
  })

  it('with the signal\'s reason when it is aborted half-way, and leaves no stream behind', async () => {
    const dag = flatDag(64, 1 << 18)
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const { transfer, opened } = await startClient(102)
    const controller = new AbortController()
    const reason = { any: 'thing' }
    const onProgress = ({ type }: DataNodeProgress): void => { if (type === 'datanode:fetch:progress') controller.abort(reason) }
    const failed = transfer.fetchDag(dag.root, new MemoryBlocks(), { ...from(server.dialled), signal: controller.signal, onProgress })
    await expect(failed).rejects.toBe(reason)
    expect(opened.map(({ status }) => status)).toEqual(['aborted'])
  })

  it('with the signal\'s reason at once when it is aborted before, or while the provider is silent', async () => {
    const server = await startRawServer(101, async (stream) => { await readRequest(new StreamReader(stream)) })
    const { transfer } = await startClient(102)
    await expect(transfer.fetchDag(leaf('x').cid, new MemoryBlocks(), { ...from(), signal: AbortSignal.abort('before') })).rejects.toBe('before')
    const controller = new AbortController()
    const onProgress = (): void => { controller.abort('while') }
    await expect(transfer.fetchDag(leaf('x').cid, new MemoryBlocks(), { ...from(server.dialled), signal: controller.signal, onProgress })).rejects.toBe('while')
  })

  it('with StoppedError when the transfer is stopped, before and during a fetch', async () => {
    const server = await startRawServer(101, async (stream) => { await readRequest(new StreamReader(stream)) })
    const { transfer } = await startClient(102)
    const asked = Promise.withResolvers<undefined>()
    const failed = transfer.fetchDag(leaf('x').cid, new MemoryBlocks(), { ...from(server.dialled), onProgress: () => { asked.resolve(undefined) } })
    const expectation = expect(failed).rejects.toThrow(StoppedError)
    await asked.promise
    await transfer.stop()
    await expectation
    await expect(transfer.fetchDag(leaf('x').cid, new MemoryBlocks(), from(server.dialled))).rejects.toThrow(StoppedError)
  })

  it('with TimedOutError when the only provider never answers', async () => {
    const server = await startRawServer(101, async (stream) => { await readRequest(new StreamReader(stream)) })
    const { transfer, opened } = await startClient(102)
    const failed = transfer.fetchDag(leaf('x').cid, new MemoryBlocks(), { ...from(server.dialled), stallTimeoutMs: 100 })
    await expect(failed).rejects.toThrow(TimedOutError)
    await expect(failed).rejects.toMatchObject({ details: { peer: server.identity.peerId } })
    expect(opened.map(({ status }) => status)).toEqual(['aborted'])
  })

  it('with the kind that all providers share, and with UnavailableError when they differ', async () => {
    const liars = await Promise.all([101, 103].map(n => startRawServer(n, sendsFor(() => [Uint8Array.of(1, 0xff)]))))
    const empty = await startServer(104, [], new MemoryBlocks())
    const { transfer } = await startClient(102)
    const names = liars.map(({ dialled }) => dialled)
    await expect(transfer.fetchDag(leaf('x').cid, new MemoryBlocks(), from(...names))).rejects.toThrow(CorruptTransferError)
    await expect(transfer.fetchDag(leaf('x').cid, new MemoryBlocks(), from(...names, empty.dialled))).rejects.toThrow(UnavailableError)
  })
})

describe('confirm', () => {
  const options = { routers: 1, readers: 'anyone' as const, timeoutMs: 20_000 }

  it('offers a root to the routers, and gives those that hold it', async () => {
    const router = await startTaker(101, () => ({ status: 'held' }))
    const { transfer } = await startClient(102, [router.dialled])
    expect(await transfer.confirm(offered, options)).toEqual([router.identity.address])
    expect(router.received).toEqual([offered])
  })

  it('rejects with the signal\'s reason when it is aborted, and with StoppedError when the transfer is stopped', async () => {
    const asked = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
    const router = await startTaker(101, () => {
      asked[router.received.length - 1]?.resolve(undefined)
      return undefined
    })
    const { transfer } = await startClient(102, [router.dialled])
    const controller = new AbortController()
    const aborted = expect(transfer.confirm(offered, { ...options, signal: controller.signal })).rejects.toBe('enough')
    await asked[0]?.promise
    controller.abort('enough')
    await aborted
    const stopped = expect(transfer.confirm(offered, options)).rejects.toThrow(StoppedError)
    await asked[1]?.promise
    await transfer.stop()
    await stopped
    await expect(transfer.confirm(offered, options)).rejects.toThrow(StoppedError)
  })
})
