import { cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { CID } from 'multiformats/cid'
import { expect, onTestFinished, test } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { CorruptBlockError } from '../../src/errors.ts'
import type { TaskBundle } from '../../src/interface/bundle.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import type { Store } from '../../src/interface/store.ts'
import { collectBlocks } from '../../src/store/collect-blocks.ts'
import { NodeFileSystem } from '../../src/store/node-file-system.ts'
import { openStore } from '../../src/store/store.ts'
import { address } from '../store/dags.ts'
import type { Block, Dag } from '../store/dags.ts'
import { deepDag, hurt, injuries, UnreadableFileSystem } from '../store/hurt.ts'
import type { Injury } from '../store/hurt.ts'
import { checkRepo } from './check-repo.ts'
import { fastDirectory } from './directories.ts'
import { Random } from './random.ts'
import { publish } from './verbs.ts'

const other = deepDag('other', 200)

for (const [size, dag] of [['a CAR', deepDag('small', 300)], ['block files', deepDag('large', 200_000)]] as const) {
  for (const injury of injuries) {
    test(`never serves a block that is ${injury} in ${size}, puts it aside, and stores it again`, async () => {
      const template = await repositoryOf([dag, other])
      const directory = await fastDirectory()
      for (const position of dag.blocks.keys()) {
        const path = join(directory, String(position))
        await cp(template, path, { recursive: true })
        await hurtAndHeal(path, dag, position, injury)
        await rm(path, { recursive: true })
      }
    })
  }
}

async function hurtAndHeal (path: string, dag: Dag, position: number, injury: Injury): Promise<void> {
  const label = `block ${position}, ${injury}`
  const fileSystem = new UnreadableFileSystem(new NodeFileSystem())
  const open = (): Promise<Store> => openStore({ path, address, fileSystem })
  // A CAR that is gone before the repository is opened is one whose removal was not finished.
  const isAfter = position % 2 === 0 || injury === 'deleted'
  const opened = isAfter ? await open() : undefined
  const damaged = await hurt(fileSystem, path, dag, position, injury)
  const store = opened ?? await open()
  await expectRefused(store, dag, damaged, label)
  await expectRefused(store, dag, damaged, label)
  expect(store.isDamaged(dag.root), label).toBe(true)
  expect(store.record(dag.root), label).toBeDefined()
  for (const { cid, bytes } of other.blocks) expect(Buffer.from(await store.get(cid)).equals(bytes), label).toBe(true)
  const report = await store.verify(undefined)
  // What codec a block has is said by those that link it, which may be damaged too.
  expect(report.damaged.map(({ cid }) => hashOf(CID.parse(cid))).sort(), label).toEqual(damaged.map(({ cid }) => hashOf(cid)).sort())
  const isAside = dag.blocks.length > 0 && (await namesIn(join(path, 'blocks'))).length > 0 && injury !== 'deleted'
  expect((await namesIn(join(path, 'quarantine'))).length > 0, label).toBe(isAside)

  await publish(store, dag)
  for (const { cid, bytes } of dag.blocks) expect(Buffer.from(await store.get(cid)).equals(bytes), label).toBe(true)
  expect((await store.verify(dag.root)).damaged, label).toEqual([])
  expect(await namesIn(join(path, 'quarantine')), label).toEqual([])
  await store.close()
  await checkRepo(path, { label, acknowledged: [dag, other].map(({ root }) => root.toString()) })
}

async function expectRefused (store: Store, dag: Dag, damaged: readonly Block[], label: string): Promise<void> {
  for (const { cid, bytes } of dag.blocks) {
    const isDamaged = damaged.some(block => block.cid.equals(cid))
    const own: unknown = await store.get(cid).catch((error: unknown) => error)
    const others: unknown = await store.publicBlocks.get(cid).catch((error: unknown) => error)
    if (!isDamaged) {
      for (const outcome of [own, others]) expect(Buffer.from(outcome as Uint8Array).equals(bytes), label).toBe(true)
      continue
    }
    expect(own, label).toBeInstanceOf(CorruptBlockError)
    expect(own, label).toMatchObject({ details: { cid: cid.toString(), path: expect.any(String) as string } })
    // To others it is not there.
    expect(others, label).toMatchObject({ name: expect.stringMatching(/^(CorruptBlock|NotStored)Error$/) as string })
  }
}

test('brings what it finds damaged from another node that has it', async () => {
  const { start, path, task, blocks } = await fetchedElsewhere(3)
  for (const position of [0, blocks.length - 1]) {
    await hurt(new UnreadableFileSystem(new NodeFileSystem()), path, { root: task.cid, blocks }, position, 'flipped')
    const node = await start()
    await node.ready({ signal: AbortSignal.timeout(20_000) })
    expect((await node.verify()).damaged).toHaveLength(1)
    await expect.poll(async () => (await node.verify()).damaged, { timeout: 20_000 }).toEqual([])
    await node.stop()
    await checkRepo(path, { label: `position ${position}`, acknowledged: [task.cid.toString()], address: node.address })
  }
})

test('brings a damaged block from another node that has it, at every position', async () => {
  const random = new Random('heal')
  for (const count of [1, 3]) {
    const { start, path, task, blocks } = await fetchedElsewhere(count)
    for (const position of blocks.keys()) {
      const injury = random.pick(injuries.filter(name => name !== 'unreadable'))
      await hurt(new UnreadableFileSystem(new NodeFileSystem()), path, { root: task.cid, blocks }, position, injury)
      const node = await start()
      await node.ready({ signal: AbortSignal.timeout(20_000) })
      const bundle = await node.open(task.cid)
      for (const [n, bytes] of contents.slice(0, count).entries()) {
        expect(Buffer.from(await bundle.bytes(`inputs/file-${n}`)).equals(bytes), `${injury} at ${position}`).toBe(true)
      }
      await bundle.close()
      await node.verify()
      await (await node.fetchTaskBundle(task.cid)).close()
      expect((await node.verify()).damaged, `${injury} at ${position}`).toEqual([])
      await node.stop()
      expect(await namesIn(join(path, 'quarantine'))).toEqual([])
      await checkRepo(path, { label: `${injury} at ${position}`, acknowledged: [task.cid.toString()], address: node.address })
    }
  }
})

const contents = Array.from({ length: 3 }, (_, n) => new Uint8Array(Buffer.alloc(n === 0 ? 3000 : 700_000, `content ${n}`)))

interface Fetched {
  /** Starts the node that has fetched it. */
  start: () => Promise<DataNode>
  path: string
  task: TaskBundle
  blocks: Block[]
}

/** A bundle with so many files that a node, which is stopped, has fetched from another one, which is not. */
async function fetchedElsewhere (count: number): Promise<Fetched> {
  const elsewhere = await createDataNode({ home: ':memory:', privateKey: 'generate', listen: ['/ip4/127.0.0.1/tcp/0'] })
  onTestFinished(() => elsewhere.stop())
  const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '0' } as const
  const files = contents.slice(0, count).map((bytes, n) => ({ name: `file-${n}`, bytes }))
  const task = await elsewhere.publishTaskBundle({ session, prompt: 'heal', files }, { readers: 'anyone' })
  const home = await fastDirectory()
  const start = async (): Promise<DataNode> => {
    const node = await createDataNode({ home, privateKey: '11'.repeat(32), routers: elsewhere.multiaddrs })
    onTestFinished(() => node.stop())
    return node
  }
  const first = await start()
  await (await first.fetchTaskBundle(task.ticket, { hold: true })).close()
  const path = join(home, first.address)
  await first.stop()
  return { start, path, task, blocks: await blocksOf(path, first.address) }
}

/** Blocks of the only bundle in a repository, depth first. */
async function blocksOf (path: string, owner: typeof address): Promise<Block[]> {
  const store = await openStore({ path, address: owner })
  const blocks: Block[] = []
  for (const { root } of store.records()) {
    for await (const { cid } of collectBlocks(root, { find: async cids => [...cids], load: async cid => store.get(cid) })) {
      blocks.push({ cid, bytes: await store.get(cid) })
    }
  }
  await store.close()
  return blocks
}

async function repositoryOf (dags: readonly Dag[]): Promise<string> {
  const path = join(await fastDirectory(), 'template')
  const store = await openStore({ path, address })
  for (const dag of dags) await publish(store, dag)
  await store.close()
  return path
}

function hashOf ({ multihash }: CID): string {
  return Buffer.from(multihash.bytes).toString('hex')
}

async function namesIn (directory: string): Promise<string[]> {
  return readdir(directory).catch(() => [])
}
