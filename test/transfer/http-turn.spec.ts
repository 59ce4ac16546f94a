import { describe, expect, it } from 'vitest'
import { CorruptTransferError, LimitExceededError, RefusedError, TimedOutError, UnavailableError } from '../../src/errors.ts'
import { httpBufferBytesMax } from '../../src/limits.ts'
import { deepDag, flatDag, leaf, MemoryBlocks } from '../format/dags.ts'
import { carOf, startGateway, startWebServer } from './http-support.ts'
import { from, startClient, startServer } from './support.ts'
import type { Block, Dag } from '../format/dags.ts'

const dag = flatDag(6, 3000)

function cidsOf ({ blocks }: Dag): string[] {
  return blocks.map(({ cid }) => cid.toString()).toSorted()
}

async function fetchFrom (of: Dag, providers: string[], options = {}): Promise<{ into: MemoryBlocks, fetched: ReturnType<typeof run> }> {
  const { transfer } = await startClient(102)
  const into = new MemoryBlocks()
  return { into, fetched: run(transfer, of, into, { ...from(...providers), ...options }) }
}

async function run (
  transfer: Awaited<ReturnType<typeof startClient>>['transfer'], of: Dag, into: MemoryBlocks, options: ReturnType<typeof from>
): ReturnType<typeof transfer.fetchDag> {
  return await transfer.fetchDag(of.root, into, options)
}

function damaged ({ cid, bytes }: Block): Block {
  return { cid, bytes: bytes.map((byte, index) => index === 7 ? byte ^ 1 : byte) }
}

describe('a provider by HTTP', () => {
  it('is a trustless gateway, which is asked once for everything', async () => {
    const of = deepDag(3, 4)
    const gateway = await startGateway(of)
    const { into, fetched } = await fetchFrom(of, [gateway.url])
    expect(await fetched).toMatchObject({ bytes: of.bytes, provider: gateway.url, access: 'anyone', attempts: [{ provider: gateway.url, outcome: 'ok' }] })
    expect(into.puts.toSorted()).toEqual(cidsOf(of))
    expect(gateway.asked).toEqual([`/ipfs/${of.root.toString()}?format=car&dag-scope=all&car-order=dfs&car-dups=n`])
    expect(gateway.accepted[0]).toContain('application/vnd.ipld.car')
  })

  it('is a CAR at some address', async () => {
    const { url, asked } = await startWebServer((_, response) => response.end(carOf(dag, dag.blocks)))
    const { fetched } = await fetchFrom(dag, [`${url}/bundles/one.car`])
    expect(await fetched).toMatchObject({ bytes: dag.bytes })
    expect(asked).toEqual(['/bundles/one.car'])
  })

  const [root, ...leaves] = dag.blocks as [Block, ...Block[]]
  it.each([
    ['in another order', [...leaves.toReversed(), root]],
    ['with duplicates', dag.blocks.flatMap(block => [block, block])],
    ['with blocks of something else', [leaf('foreign'), ...dag.blocks.flatMap(block => [block, leaf(`beside ${block.cid.toString()}`)])]]
  ])('may answer %s', async (_, blocks) => {
    const gateway = await startGateway(dag, blocks)
    const { into, fetched } = await fetchFrom(dag, [gateway.url])
    await fetched
    expect(into.puts).toEqual(dag.blocks.map(({ cid }) => cid.toString()))
  })

  it('may answer in another order as far as that can be kept', async () => {
    const large = flatDag(12, 1 << 19)
    const first = large.blocks[0]!
    const gateway = await startGateway(large, [...large.blocks.slice(1), first])
    const { fetched } = await fetchFrom(large, [gateway.url])
    await expect(fetched).rejects.toThrow(UnavailableError)
    const fits = flatDag((httpBufferBytesMax >> 19), 1 << 19)
    const other = await startGateway(fits, [...fits.blocks.slice(1), fits.blocks[0]!])
    await (await fetchFrom(fits, [other.url])).fetched
  })

  it.each([
    ['wrong bytes', carOf(dag, [root, damaged(leaves[0]!)]), CorruptTransferError, 1],
    ['what is no CAR', new TextEncoder().encode('<!DOCTYPE html>'), CorruptTransferError, 0],
    ['the start of a CAR', carOf(dag, dag.blocks).subarray(0, -20), CorruptTransferError, 6],
    ['too few blocks', carOf(dag, dag.blocks.slice(0, 4)), UnavailableError, 4],
    ['nothing', new Uint8Array(), CorruptTransferError, 0]
  ])('that sends %s is named in the error, and nothing unverified is put', async (_, sent, error, verified) => {
    const { url } = await startWebServer((_, response) => response.end(sent))
    const { into, fetched } = await fetchFrom(dag, [url])
    await expect(fetched).rejects.toThrow(error)
    await expect(fetched).rejects.toMatchObject({ details: { attempts: [{ provider: url }] } })
    expect(into.puts).toHaveLength(verified)
  })

  it('that refuses costs nothing when another provider has it, and needs to send only what is missing', async () => {
    const half = await startWebServer((_, response) => response.end(carOf(dag, dag.blocks.slice(0, 4))))
    const refuses = await startWebServer((_, response) => response.writeHead(401).end())
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const { into, fetched } = await fetchFrom(dag, [refuses.url, 'https://', half.url, server.dialled])
    expect((await fetched).attempts.map(({ outcome, bytes }) => [outcome, bytes > 0]))
      .toEqual([['bad-request', false], ['unreachable', false], ['not-available', true], ['ok', true]])
    expect(into.puts).toEqual(dag.blocks.map(({ cid }) => cid.toString()))
  })

  it('that stalls is given up', async () => {
    const { url } = await startWebServer((_, response) => { response.write(carOf(dag, dag.blocks.slice(0, 3))) })
    await expect((await fetchFrom(dag, [url], { stallTimeoutMs: 300 })).fetched).rejects.toThrow(TimedOutError)
  })

  it('that does not answer is given up as soon as one that stalls', async () => {
    const { url } = await startWebServer(() => {})
    await expect((await fetchFrom(dag, [url], { stallTimeoutMs: 300 })).fetched).rejects.toThrow('did not answer for 300 ms')
  })

  it('that never ends is cut off', async () => {
    let isOpen = true
    const { url } = await startWebServer((_, response) => {
      response.on('close', () => { isOpen = false })
      response.write(carOf(dag, []))
      const block = carOf(dag, [leaf(new Uint8Array(1 << 20))]).subarray(carOf(dag, []).length)
      const send = (): void => { while (isOpen && response.write(block)); }
      response.on('drain', send)
      send()
    })
    await expect((await fetchFrom(dag, [url], { bytesMax: 1 << 20 })).fetched).rejects.toThrow(LimitExceededError)
    await expect.poll(() => isOpen).toBe(false)
  })

  it('ends with the signal\'s reason when it is aborted', async () => {
    const asked = Promise.withResolvers<undefined>()
    const { url } = await startWebServer((_, response) => {
      response.write(carOf(dag, dag.blocks.slice(0, 3)))
      asked.resolve(undefined)
    })
    const controller = new AbortController()
    const { fetched } = await fetchFrom(dag, [url], { signal: controller.signal })
    const ended = expect(fetched).rejects.toBe('enough')
    await asked.promise
    controller.abort('enough')
    await ended
  })

  it.each(['http', 'libp2p'])('brings parts of a large DAG beside others, when it is asked after %s', async (first) => {
    const large = flatDag(40, 1 << 19)
    const gateway = await startGateway(large)
    const server = await startServer(101, [large], new MemoryBlocks(large))
    const providers = [gateway.url, server.dialled]
    const { into, fetched } = await fetchFrom(large, first === 'http' ? providers : providers.toReversed())
    expect((await fetched).bytes).toBe(large.bytes)
    expect(into.puts.toSorted()).toEqual(cidsOf(large))
  })

  it('is not asked for what it does not have twice', async () => {
    const gateway = await startGateway(dag)
    const { fetched } = await fetchFrom(flatDag(2, 10, 9), [gateway.url])
    await expect(fetched).rejects.toThrow(UnavailableError)
    await expect(fetched).rejects.not.toThrow(RefusedError)
    expect(gateway.asked).toHaveLength(1)
  })
})
