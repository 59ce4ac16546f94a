import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { identify } from '@libp2p/identify'
import { memory } from '@libp2p/memory'
import { createHeliaLight } from 'helia'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { CorruptTransferError, NotStoredError, TimedOutError, UnavailableError } from '../../src/errors.ts'
import { bitswapAheadMax } from '../../src/limits.ts'
import { askByBitswap } from '../../src/transfer/bitswap-turn.ts'
import { BlockSink } from '../../src/transfer/block-sink.ts'
import { Frontier } from '../../src/transfer/frontier.ts'
import { deepDag, flatDag, MemoryBlocks } from '../format/dags.ts'
import { from, startClient } from './support.ts'
import type { CID } from 'multiformats/cid'
import type { DataNodeProgress } from '../../src/interface/progress.ts'
import type { BlockReader } from '../../src/interface/store.ts'
import type { ProviderTurn } from '../../src/transfer/provider-turn.ts'
import type { Dag } from '../format/dags.ts'

/** Helia as anyone composes it, with these blocks; its address. */
async function startHelia (dag: Dag): Promise<string> {
  const helia = withBitswap(withLibp2pLight(createHeliaLight(), {
    addresses: { listen: [`/memory/helia-${process.pid}`] },
    transports: [memory()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() }
  }))
  await helia.start()
  onTestFinished(async () => { await helia.stop() })
  for (const { cid, bytes } of dag.blocks) await helia.blockstore.put(cid, bytes)
  return String(helia.libp2p.getMultiaddrs()[0])
}

const peer = { address: undefined, peerId: 'peer' }

async function turnOf (dag: Dag, into: MemoryBlocks, signal: AbortSignal = new AbortController().signal): Promise<ProviderTurn> {
  const frontier = new Frontier(new BlockSink(dag.root, into, { bytesMax: 1 << 30, signal }), {})
  await frontier.start()
  const nothing = (): void => {}
  return {
    frontier, bytesMax: 1 << 30, stallTimeoutMs: 50, signal,
    onAsk: nothing, onBytes: nothing, onHeader: nothing, onBlocks: nothing, pace: () => undefined, windowBytes: () => 1
  }
}

function networkOf (get: BlockReader['get']): Parameters<typeof askByBitswap>[0] {
  return { bitswap: () => ({ get }) }
}

describe('askByBitswap', () => {
  it.each([['nested directories', deepDag(3, 3)], ['large blocks', flatDag(6, 1 << 20)]])(
    'brings in %s from a plain Helia, when the transfer finds that it does not speak our protocol', async (_, dag) => {
      const address = await startHelia(dag)
      const { transfer } = await startClient(102)
      const into = new MemoryBlocks()
      const protocols: string[] = []
      const onProgress = ({ type, detail }: DataNodeProgress): void => { if (type === 'datanode:fetch:provider') protocols.push(detail.protocol) }
      const fetched = await transfer.fetchDag(dag.root, into, { ...from(address), onProgress })
      expect(into.puts.toSorted()).toEqual(dag.blocks.map(({ cid }) => cid.toString()).toSorted())
      expect(fetched).toMatchObject({ access: 'anyone', statements: [], bytes: dag.bytes, attempts: [{ outcome: 'ok' }] })
      expect(protocols).toEqual(['dag', 'bitswap'])
    })

  it('is unavailable when a plain Helia does not have it', async () => {
    const address = await startHelia(flatDag(1, 10))
    const { transfer } = await startClient(102)
    await expect(transfer.fetchDag(flatDag(3, 10).root, new MemoryBlocks(), from(address))).rejects.toThrow(UnavailableError)
  })

  it('asks for several blocks at the same time, and for no more than allowed', async () => {
    const dag = flatDag(60, 10)
    const blocks = new MemoryBlocks(dag)
    const into = new MemoryBlocks()
    let outstanding = 0
    let most = 0
    const get = async (cid: CID): Promise<Uint8Array> => {
      most = Math.max(most, ++outstanding)
      await Promise.resolve()
      outstanding--
      return await blocks.get(cid)
    }
    await askByBitswap(networkOf(get), peer, await turnOf(dag, into))
    expect(into.size).toBe(61)
    expect(most).toBeGreaterThan(4)
    expect(most).toBeLessThanOrEqual(bitswapAheadMax)
    expect(blocks.gets).toHaveLength(61)
  })

  it('refuses a block that does not hash to its CID', async () => {
    const dag = flatDag(3, 10)
    const into = new MemoryBlocks()
    const asking = askByBitswap(networkOf(async () => await Promise.resolve(new Uint8Array(5))), peer, await turnOf(dag, into))
    await expect(asking).rejects.toThrow(CorruptTransferError)
    expect(into.size).toBe(0)
  })

  it('gives up a peer that sends nothing, and no longer wants anything of it', async () => {
    const dag = flatDag(3, 10)
    const signals: AbortSignal[] = []
    const get = (_: CID, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<never> => {
      if (signal !== undefined) signals.push(signal)
      return new Promise(() => {})
    }
    await expect(askByBitswap(networkOf(get), peer, await turnOf(dag, new MemoryBlocks()))).rejects.toThrow(TimedOutError)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  it('waits for a block for as long as parts of it come', async () => {
    const dag = flatDag(1, 10)
    const blocks = new MemoryBlocks(dag)
    const into = new MemoryBlocks()
    const turn = { ...await turnOf(dag, into), stallTimeoutMs: 1000 }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => { vi.useRealTimers() })
    let [progress, complete] = [(): void => {}, (): void => {}]
    const network: Parameters<typeof askByBitswap>[0] = {
      bitswap: (_root, _peers, { onProgress = () => {} } = {}) => {
        progress = onProgress
        return {
          get: async (cid) => {
            if (blocks.gets.length === 0) await new Promise<void>((resolve) => { complete = resolve })
            return await blocks.get(cid)
          }
        }
      }
    }
    const asking = askByBitswap(network, peer, turn)
    for (let part = 0; part < 5; part++) {
      await vi.advanceTimersByTimeAsync(999)
      progress()
    }
    await vi.advanceTimersByTimeAsync(999)
    complete()
    await asking
    expect(into.size).toBe(2)
  })

  it('is unavailable when a block cannot be had, and keeps what came before', async () => {
    const dag = flatDag(3, 10)
    const blocks = new MemoryBlocks(dag)
    if (dag.blocks[2] !== undefined) blocks.delete(dag.blocks[2].cid)
    const into = new MemoryBlocks()
    const asking = askByBitswap(networkOf(async cid => await blocks.get(cid)), peer, await turnOf(dag, into))
    await expect(asking).rejects.toMatchObject({ name: 'UnavailableError', cause: expect.any(NotStoredError) as unknown })
    expect(into.size).toBe(2)
  })

  it('rejects with the signal\'s reason', async () => {
    const controller = new AbortController()
    const asking = askByBitswap(networkOf(() => new Promise(() => {})), peer, await turnOf(flatDag(1, 1), new MemoryBlocks(), controller.signal))
    controller.abort('reason')
    await expect(asking).rejects.toBe('reason')
  })
})
