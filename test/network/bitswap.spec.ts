import { memory } from '@libp2p/memory'
import { peerIdFromString } from '@libp2p/peer-id'
import { createLibp2p } from 'libp2p'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { CorruptTransferError, PeerUnreachableError, RefusedError, StoppedError, UnavailableError } from '../../src/errors.ts'
import { bitswapProtocol, encodeBitswapMessage } from '../../src/format/bitswap-message.ts'
import { bitswapUnaskedBytesMax, bitswapWantsPerPeerMax, blockBytesMax, sendBytesTarget, tunedWindowBytesMax } from '../../src/limits.ts'
import { leaf, MemoryBlocks, noise } from '../format/dags.ts'
import { BitswapPeer, wantOf } from './bitswap-peer.ts'
import { addressOf, dial, libp2pInit, readFrom, startHelia } from './helia.ts'
import { addressOfNetwork, blockOf, loopback, readerOf, startNetwork } from './support.ts'
import type { Libp2p, Stream } from '@libp2p/interface'
import type { NetworkInit } from '../../src/network/network.ts'
import type { Block } from '../format/dags.ts'

const inMemory = (name: string): Pick<NetworkInit, 'listen' | 'transports'> => ({
  listen: [`/memory/bitswap-node-${process.pid}-${name}`], transports: [memory()]
})

function blocksOf (count: number, size: number): Block[] {
  return Array.from({ length: count }, (_, i) => leaf(noise(size, i)))
}

function areBytesOf (read: readonly Uint8Array[], blocks: readonly Block[]): boolean {
  return read.length === blocks.length && blocks.every(({ bytes }, i) => Buffer.compare(read[i] ?? new Uint8Array(), bytes) === 0)
}

/** A node, and a peer that is connected to it and does what the test says. */
async function startPair (
  name: string, init: Partial<NetworkInit> = {}
): Promise<{ node: Awaited<ReturnType<typeof startNetwork>>, peer: BitswapPeer }> {
  const node = await startNetwork(1, { ...inMemory(name), ...init })
  const peer = await BitswapPeer.start(name)
  await peer.connect(addressOfNetwork(node))
  return { node, peer }
}

/** A peer that says that it speaks bitswap, and notes who opens a stream for it. */
async function startSpy (): Promise<{
  spy: Libp2p
  identified: Promise<unknown>
  streams: Stream[]
  firstStream: Promise<undefined>
}> {
  const spy = await createLibp2p(libp2pInit())
  onTestFinished(async () => { await spy.stop() })
  const streams: Stream[] = []
  const first = Promise.withResolvers<undefined>()
  await spy.handle(bitswapProtocol, (stream) => {
    streams.push(stream)
    first.resolve(undefined)
  })
  const identified = new Promise((resolve) => { spy.addEventListener('peer:identify', resolve) })
  return { spy, identified, streams, firstStream: first.promise }
}

describe('bitswap, with a plain Helia', () => {
  it('serves public blocks, and no others', async () => {
    const [open, hidden] = [await blockOf('open'), await blockOf('hidden')]
    const node = await startNetwork(1, { listen: loopback, publicBlocks: readerOf(open) })
    const helia = await startHelia()
    await dial(helia, addressOfNetwork(node))
    expect(await readFrom(helia, open.cid, node.identity.peerId)).toEqual(Buffer.from(open.bytes))
    await expect(readFrom(helia, hidden.cid, node.identity.peerId)).rejects.toThrow()
  })

  it('serves many blocks at the same time, small and as large as they may be', async () => {
    const blocks = [...blocksOf(200, 2_000), ...blocksOf(8, blockBytesMax)]
    const node = await startNetwork(1, { listen: loopback, publicBlocks: new MemoryBlocks({ blocks }) })
    const helia = await startHelia()
    await dial(helia, addressOfNetwork(node))
    const read = await Promise.all(blocks.map(async ({ cid }) => await readFrom(helia, cid, node.identity.peerId)))
    expect(areBytesOf(read, blocks)).toBe(true)
  })

  it('reads blocks, the same one again at once, and many at the same time', async () => {
    const blocks = [...blocksOf(100, 2_000), ...blocksOf(4, 1 << 20)]
    const helia = await startHelia()
    for (const { cid, bytes } of blocks) await helia.blockstore.put(cid, bytes)
    const node = await startNetwork(1)
    const reader = node.bitswap((blocks[0] as Block).cid, [await node.connect(addressOf(helia))])
    for (let round = 0; round < 2; round++) {
      const read = await Promise.all(blocks.map(async ({ cid }) => await reader.get(cid, { signal: AbortSignal.timeout(10_000) })))
      expect(areBytesOf(read, blocks)).toBe(true)
    }
  })

  it('says when it does not have a block, and stores nothing', async () => {
    const [block, missing] = [await blockOf('of Helia'), await blockOf('of nobody')]
    const helia = await startHelia()
    await helia.blockstore.put(block.cid, block.bytes)
    const reader = readerOf()
    const node = await startNetwork(1, { publicBlocks: reader })
    const peer = await node.connect(addressOf(helia))
    expect(peer.address).toBeUndefined()
    const blocks = node.bitswap(block.cid, [peer])
    expect(await blocks.get(block.cid, { signal: AbortSignal.timeout(10_000) })).toEqual(block.bytes)
    await expect(blocks.get(missing.cid, { signal: AbortSignal.timeout(10_000) })).rejects.toThrow(UnavailableError)
    expect(await reader.has(block.cid)).toBe(false)
  })

  it('sends no want to a peer that was not named', async () => {
    const [block, missing] = [await blockOf('of Helia'), await blockOf('of nobody')]
    const helia = await startHelia()
    await helia.blockstore.put(block.cid, block.bytes)
    const { spy, identified, streams, firstStream } = await startSpy()
    const node = await startNetwork(1)
    const peer = await node.connect(addressOf(helia))
    const watcher = await node.connect(String(spy.getMultiaddrs()[0]))
    await identified
    const blocks = node.bitswap(block.cid, [peer])
    expect(await blocks.get(block.cid)).toEqual(block.bytes)
    await expect(blocks.get(missing.cid)).rejects.toThrow(UnavailableError)
    expect(streams).toEqual([])
    const abort = new AbortController()
    const asked = expect(node.bitswap(block.cid, [watcher]).get(missing.cid, { signal: abort.signal })).rejects.toThrow('seen')
    await firstStream
    abort.abort(new Error('seen'))
    await asked
    expect(streams).toHaveLength(1)
  })

  it('does not call back a peer that left before its block was read', async () => {
    const [late, other] = [await blockOf('late'), await blockOf('other')]
    const blocks = readerOf(late, other)
    const left = Promise.withResolvers<string>()
    const asked = Promise.withResolvers<undefined>()
    const node = await startNetwork(1, { listen: loopback, publicBlocks: {
      has: cid => blocks.has(cid),
      get: async (cid) => {
        if (cid.equals(late.cid)) {
          asked.resolve(undefined)
          await left.promise
        }
        return await blocks.get(cid)
      }
    } })
    node.onDisconnect(left.resolve)
    const leaving = await startHelia()
    await dial(leaving, addressOfNetwork(node))
    const abort = new AbortController()
    const lost = expect(readFrom(leaving, late.cid, node.identity.peerId, abort.signal)).rejects.toThrow()
    await asked.promise
    let returned = 0
    leaving.libp2p.addEventListener('peer:connect', () => { returned++ })
    abort.abort()
    await lost
    await leaving.libp2p.hangUp(peerIdFromString(node.identity.peerId))
    expect(await left.promise).toBe(leaving.libp2p.peerId.toString())
    // a call back would be there long before another peer has connected and got its block
    const staying = await startHelia()
    await dial(staying, addressOfNetwork(node))
    expect(await readFrom(staying, other.cid, node.identity.peerId)).toEqual(Buffer.from(other.bytes))
    expect(returned).toBe(0)
  })
})

describe('bitswap', () => {
  it('answers as many questions as Kubo asks in one go', async () => {
    const blocks = blocksOf(1024, 10)
    const stored = new MemoryBlocks({ blocks: blocks.slice(0, 1000) })
    const { peer } = await startPair('burst', { publicBlocks: stored })
    await peer.send({ wants: blocks.map(({ cid }) => wantOf(cid, 'have')) })
    await peer.until(() => peer.presences.length === 1024)
    expect(peer.presences).toEqual(blocks.map(({ cid }, i) => `${i < 1000 ? 'has' : 'lacks'} ${cid.toString()}`))
    expect(stored.gets).toEqual([])
    await peer.send({ wants: blocks.slice(0, 1000).map(({ cid }) => wantOf(cid)) })
    await peer.until(() => peer.blocks.length === 1000)
    expect(peer.streams.length).toBeLessThanOrEqual(2)
  })

  it('tells a peer that asks for more than is kept that there is no room for the rest', async () => {
    const blocks = blocksOf(bitswapWantsPerPeerMax + 100, 10)
    const { peer } = await startPair('greedy', { publicBlocks: new MemoryBlocks({ blocks }) })
    await peer.send({ wants: blocks.map(({ cid }) => wantOf(cid, 'have')) })
    await peer.until(() => peer.presences.length === blocks.length)
    expect(peer.presences.filter(text => text.startsWith('lacks')).length).toBeLessThanOrEqual(100)
  })

  it('reads one block for a peer that asks for many and does not read, and none once it has left', async () => {
    const blocks = blocksOf(24, 1 << 20)
    const stored = new MemoryBlocks({ blocks })
    const { node, peer } = await startPair('silent', { publicBlocks: stored })
    peer.reads = false
    const left = new Promise((resolve) => { node.onDisconnect(resolve) })
    await peer.send({ wants: blocks.map(({ cid }) => wantOf(cid)) })
    await peer.until(() => peer.streams.length === 1)
    // another peer gets everything meanwhile
    const other = await BitswapPeer.start('silent-other')
    await other.connect(addressOfNetwork(node))
    await other.send({ wants: blocks.map(({ cid }) => wantOf(cid)) })
    await other.until(() => other.blocks.length === 24)
    expect(stored.gets.length - 24).toBeLessThanOrEqual(1)
    await peer.libp2p.hangUp(peerIdFromString(node.identity.peerId))
    await left
    await other.send({ wants: [wantOf((blocks[0] as Block).cid)] })
    await other.until(() => other.blocks.length === 25)
    expect(stored.gets.length - 25).toBeLessThanOrEqual(1)
  })

  it('asks for leave for what it sends', async () => {
    const block = leaf(noise(sendBytesTarget, 1))
    const asked: [string, number][] = []
    const pace = async (peerId: string, bytes: number): Promise<void> => { asked.push([peerId, bytes]); await Promise.resolve() }
    const { peer } = await startPair('paced', { publicBlocks: new MemoryBlocks({ blocks: [block] }), pace })
    await peer.send({ wants: [wantOf(block.cid)] })
    await peer.until(() => peer.blocks.length === 1)
    expect(asked).toEqual([[peer.peerId, sendBytesTarget]])
  })

  it('asks with one message for the blocks of one turn, and takes them from any stream and in any order', async () => {
    const blocks = blocksOf(16, 100)
    const { node, peer } = await startPair('order')
    const reader = node.bitswap((blocks[0] as Block).cid, [{ peerId: peer.peerId, address: undefined }])
    const read = Promise.all(blocks.map(async ({ cid }) => await reader.get(cid)))
    await peer.until(() => peer.parts.some(({ type }) => type === 'wants'))
    expect(peer.wants).toEqual(blocks.map(({ cid }) => wantOf(cid)))
    await Promise.all(blocks.toReversed().map(async block => { await peer.send({ blocks: [block] }) }))
    expect(await read).toEqual(blocks.map(({ bytes }) => bytes))
    await peer.until(() => peer.wants.filter(({ kind }) => kind === 'cancel').length === 16)
  })

  it('ends a peer that sends without end what it was not asked for', async () => {
    const [block, junk] = [leaf('wanted'), leaf(noise(1 << 20, 7))]
    const { node, peer } = await startPair('flood')
    const got = node.bitswap(block.cid, [{ peerId: peer.peerId, address: undefined }]).get(block.cid)
    const cut = expect(got).rejects.toThrow(CorruptTransferError)
    await peer.until(() => peer.wants.length === 1)
    let sent = 0
    const stream = await peer.openStream()
    while (stream.status === 'open' && sent < 8 * bitswapUnaskedBytesMax) {
      stream.send(new Uint8ArrayList(...encodeBitswapMessage({ blocks: [junk] })))
      sent += junk.bytes.length
      await vi.waitFor(() => { expect(stream.writeBufferLength).toBe(0) }, { interval: 1 })
    }
    await cut
    // A window of data may have been on its way when it was cut.
    expect(stream.status).not.toBe('open')
    expect(sent).toBeLessThan(bitswapUnaskedBytesMax + 2 * tunedWindowBytesMax)
    await node.lines.until('was not asked for')
    await expect(node.bitswap(block.cid, [{ peerId: peer.peerId, address: undefined }]).get(block.cid)).rejects.toThrow(CorruptTransferError)
  })

  it('is told at once when a block that it asks for is too large, and takes others of the same peer', async () => {
    const [large, block] = [leaf(noise(blockBytesMax + 1, 3)), leaf('of usual size')]
    const { node, peer } = await startPair('large')
    const reader = node.bitswap(large.cid, [{ peerId: peer.peerId, address: undefined }])
    const refused = expect(reader.get(large.cid)).rejects.toMatchObject({
      name: 'CorruptTransferError', details: { peer: peer.peerId, limit: 'blockBytesMax', max: blockBytesMax, actual: blockBytesMax + 1 }
    })
    await peer.until(() => peer.wants.length === 1)
    const stream = await peer.openStream()
    stream.send(new Uint8ArrayList(...encodeBitswapMessage({ blocks: [large] })))
    await refused
    const read = reader.get(block.cid)
    await peer.until(() => peer.wants.some(({ cid, kind }) => kind === 'block' && cid.equals(block.cid)))
    await peer.send({ blocks: [block] })
    expect(await read).toEqual(block.bytes)
  })

  it('resets a stream with what is no message, and takes the next one', async () => {
    const block = leaf('here')
    const { node, peer } = await startPair('nonsense', { publicBlocks: new MemoryBlocks({ blocks: [block] }) })
    const stream = await peer.openStream()
    stream.send(new Uint8ArrayList(Uint8Array.of(3, 10, 9, 9)))
    await node.lines.until('ends 8 bytes after its message')
    await vi.waitFor(() => { expect(stream.status).not.toBe('open') })
    await peer.send({ wants: [wantOf(block.cid)] })
    await peer.until(() => peer.blocks.length === 1)
  })

  it('rejects what it asks for when the peer leaves, is not connected, does not speak bitswap, or the node stops', async () => {
    const { cid } = leaf('wanted')
    const { node, peer } = await startPair('leaving')
    const named = [{ peerId: peer.peerId, address: undefined }]
    const lost = expect(node.bitswap(cid, named).get(cid)).rejects.toThrow(PeerUnreachableError)
    await peer.until(() => peer.wants.length === 1)
    await peer.libp2p.hangUp(peerIdFromString(node.identity.peerId))
    await lost
    await expect(node.bitswap(cid, named).get(cid)).rejects.toThrow(PeerUnreachableError)
    const mute = await BitswapPeer.start('mute')
    await mute.libp2p.unhandle(bitswapProtocol)
    const { peerId } = await node.connect(mute.address)
    await expect(node.bitswap(cid, [{ peerId, address: undefined }]).get(cid)).rejects.toThrow(RefusedError)
    const last = await BitswapPeer.start('last')
    const stopping = expect(node.bitswap(cid, [await node.connect(last.address)]).get(cid)).rejects.toThrow(StoppedError)
    await last.until(() => last.wants.length === 1)
    await node.stop()
    await stopping
  })

  it('reads and serves with a node of its own kind in both directions at once', async () => {
    const [here, there] = [blocksOf(40, 100_000), blocksOf(40, 50_000)]
    const one = await startNetwork(1, { ...inMemory('one'), publicBlocks: new MemoryBlocks({ blocks: here }) })
    const two = await startNetwork(2, { ...inMemory('two'), publicBlocks: new MemoryBlocks({ blocks: there }) })
    const peer = await two.connect(addressOfNetwork(one))
    const back = [{ peerId: two.identity.peerId, address: two.identity.address }]
    const { cid } = here[0] as Block
    const read = await Promise.all([
      ...here.map(async block => await two.bitswap(cid, [peer]).get(block.cid)),
      ...there.map(async block => await one.bitswap(cid, back).get(block.cid))
    ])
    expect(areBytesOf(read, [...here, ...there])).toBe(true)
  })
})
