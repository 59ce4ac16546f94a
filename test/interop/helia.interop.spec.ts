import { unixfs } from '@helia/unixfs'
import { CarReader, CarWriter } from '@ipld/car'
import { peerIdFromString } from '@libp2p/peer-id'
import { CID } from 'multiformats/cid'
import { expect, onTestFinished, test } from 'vitest'
import { linksOf } from '../../src/format/dag-links.ts'
import { createDataNode } from '../../src/index.ts'
import { all } from '../bundle/dags.ts'
import { generateBytes } from '../bundle/unixfs-cases.ts'
import { addressOf, dial, startHelia } from '../network/helia.ts'
import type { TaskBundle } from '../../src/interface/bundle.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import type { PlainHelia } from '../network/helia.ts'

const big = generateBytes(1, 5 * 1024 * 1024 + 1)
const profile = 'unixfs-v1-2025'

async function startNode (): Promise<DataNode> {
  const node = await createDataNode({ home: ':memory:', privateKey: 'generate', listen: ['/ip4/127.0.0.1/tcp/0'] })
  onTestFinished(async () => { await node.stop() })
  return node
}

async function publish (node: DataNode): Promise<TaskBundle> {
  return await node.publishTaskBundle({
    session: { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '0' },
    prompt: 'Which one?',
    files: [
      { name: 'big.bin', bytes: big },
      { name: 'empty', text: '' },
      ...Array.from({ length: 100 }, (_, i) => ({ name: `many/file-${i}`, text: String(i) }))
    ]
  }, { readers: 'anyone' })
}

/** Adds the same files, and returns their root. */
async function add (helia: PlainHelia): Promise<CID> {
  const files = [
    { path: 'top/big.bin', content: big },
    { path: 'top/empty', content: new Uint8Array() },
    ...Array.from({ length: 100 }, (_, i) => ({ path: `top/many/file-${i}`, content: Buffer.from(String(i)) }))
  ]
  return (await all(unixfs(helia).addAll(files, { profile, wrapWithDirectory: false }))).at(-1)?.cid ?? expect.fail('nothing was added')
}

/** Every block below a root, in the order of a walk. */
async function blocksBelow (helia: PlainHelia, root: CID): Promise<{ cid: CID, bytes: Uint8Array }[]> {
  const blocks = new Map<string, { cid: CID, bytes: Uint8Array }>()
  const waiting = [root]
  for (let cid = waiting.pop(); cid !== undefined; cid = waiting.pop()) {
    if (blocks.has(cid.toString())) continue
    const bytes = Buffer.concat(await Array.fromAsync(helia.blockstore.get(cid, { offline: true })))
    blocks.set(cid.toString(), { cid, bytes: new Uint8Array(bytes) })
    waiting.push(...linksOf(cid, new Uint8Array(bytes)))
  }
  return [...blocks.values()]
}

async function carOf (helia: PlainHelia, root: CID): Promise<Uint8Array> {
  const { writer, out } = CarWriter.create([root])
  const written = all(out)
  for (const block of await blocksBelow(helia, root)) await writer.put(block)
  await writer.close()
  return Buffer.concat(await written)
}

test('a plain Helia lists and reads a bundle that it gets by bitswap', { timeout: 60_000 }, async () => {
  const node = await startNode()
  const task = await publish(node)
  const helia = await startHelia()
  const [address = ''] = node.multiaddrs
  await dial(helia, address)
  const peerId = peerIdFromString(address.slice(address.lastIndexOf('/') + 1))
  const blockstore = helia.blockstore.createSession(task.cid, { providers: [peerId.toCID()], minProviders: 1, maxProviders: 1 })
  const files = unixfs({ blockstore })
  expect((await all(files.ls(task.cid, { path: 'inputs' }))).map(({ name }) => name).toSorted()).toEqual(['big.bin', 'empty', 'many'])
  expect(Buffer.compare(Buffer.concat(await all(files.cat(task.cid, { path: 'inputs/big.bin' }))), big)).toBe(0)
  for (let i = 0; i < 100; i++) {
    expect(Buffer.concat(await all(files.cat(task.cid, { path: `inputs/many/file-${i}` }))).toString()).toBe(String(i))
  }
})

test('what a plain Helia added is fetched by bitswap, and the same files have the same CIDs', { timeout: 60_000 }, async () => {
  const helia = await startHelia()
  const root = await add(helia)
  const node = await startNode()
  const protocols: string[] = []
  await node.hold(root, {
    providers: [addressOf(helia)],
    onProgress: ({ type, detail }) => { if (type === 'datanode:fetch:provider') protocols.push(detail.protocol) }
  })
  expect(protocols).toEqual(['dag', 'bitswap'])
  const bundle = await node.open(root)
  expect(Buffer.compare(await bundle.bytes('big.bin'), big)).toBe(0)
  expect(await bundle.bytes('empty')).toHaveLength(0)
  const inputs = (await all((await publish(node)).files())).filter(({ path }) => path.startsWith('inputs/'))
  const own = inputs.map(({ path, cid }) => `${path.slice('inputs/'.length)} ${cid.toString()}`)
  const theirs = (await all(bundle.files())).map(({ path, cid }) => `${path} ${cid.toString()}`)
  expect(theirs).toHaveLength(103)
  expect(own.toSorted()).toEqual(theirs.toSorted())
})

test('a plain Helia reads the CAR that is exported here, and the CAR of its blocks is imported here', { timeout: 60_000 }, async () => {
  const node = await startNode()
  const task = await publish(node)
  const helia = await startHelia()
  const car = await CarReader.fromBytes(Buffer.concat(await all(node.exportCar(task.cid))))
  for await (const { cid, bytes } of car.blocks()) await helia.blockstore.put(CID.decode(cid.bytes), bytes)
  const read = await all(unixfs(helia).cat(task.cid, { path: 'inputs/big.bin', offline: true }))
  expect(Buffer.compare(Buffer.concat(read), big)).toBe(0)
  const root = await add(helia)
  const imported = await (await startNode()).importCar([await carOf(helia, root)], { root })
  expect(Buffer.compare(await imported.bytes('big.bin'), big)).toBe(0)
  expect(await all(imported.files())).toHaveLength(103)
})
