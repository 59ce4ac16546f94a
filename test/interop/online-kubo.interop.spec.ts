import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { all } from '../bundle/dags.ts'
import { generateBytes } from '../bundle/unixfs-cases.ts'
import { branch } from '../format/dags.ts'
import { startProxy } from '../support/proxy.ts'
import { onlineKubo } from './kubo-binary.ts'
import type { Bundle, TaskBundle } from '../../src/interface/bundle.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import type { OnlineKubo } from './kubo-binary.ts'

const timeoutMs = 30 * 60_000
const big = generateBytes(1, 5 * 1024 * 1024 + 1)
let kubo: OnlineKubo
let directory: string
let node: DataNode
let task: TaskBundle

beforeAll(async () => {
  kubo = await onlineKubo()
  directory = await mkdtemp(join(tmpdir(), 'datanode-interop-'))
  node = await startNode()
  task = await node.publishTaskBundle({
    session: { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '0' },
    prompt: 'Which one?',
    files: [
      { name: 'big.bin', bytes: big },
      { name: 'empty', text: '' },
      ...Array.from({ length: 300 }, (_, i) => ({ name: `many/file-${i}`, text: String(i) }))
    ]
  }, { readers: 'anyone' })
  await kubo.kubo('swarm', 'connect', addressOf(node))
}, timeoutMs)

afterAll(async () => {
  await node.stop()
  await kubo[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

async function startNode (): Promise<DataNode> {
  return await createDataNode({ home: ':memory:', privateKey: 'generate', listen: ['/ip4/127.0.0.1/tcp/0'] })
}

/** A node that has nothing. */
async function freshNode (): Promise<DataNode> {
  const fresh = await startNode()
  onTestFinished(async () => { await fresh.stop() })
  return fresh
}

function addressOf ({ multiaddrs }: DataNode): string {
  const [address = ''] = multiaddrs
  return address
}

/** Fetches everything below a root, and says by which protocols. */
async function fetchWhole (from: string, cid: string): Promise<{ bundle: Bundle, protocols: string[], fresh: DataNode }> {
  const fresh = await freshNode()
  const protocols: string[] = []
  await fresh.hold(cid, {
    providers: [from],
    onProgress: ({ type, detail }) => { if (type === 'datanode:fetch:provider') protocols.push(detail.protocol) }
  })
  return { bundle: await fresh.open(cid), protocols, fresh }
}

/** Adds a directory of files of every size, and returns its root. */
async function addDirectory (name: string, ...flags: string[]): Promise<string> {
  const source = join(directory, name)
  await mkdir(join(source, 'many'), { recursive: true })
  await writeFile(join(source, 'big.bin'), big)
  await writeFile(join(source, 'empty'), '')
  for (let i = 0; i < 300; i++) await writeFile(join(source, 'many', `file-${i}`), `${name} ${i}`)
  return (await kubo.kubo('add', '--recursive', '--quieter', ...flags, source)).toString().trim()
}

async function expectDirectory (name: string, bundle: Bundle): Promise<void> {
  const paths = (await all(bundle.files())).map(({ path }) => path)
  expect(paths.toSorted()).toEqual(['big.bin', 'empty', 'many', ...Array.from({ length: 300 }, (_, i) => `many/file-${i}`)].toSorted())
  expect(Buffer.compare(await bundle.bytes('big.bin'), big)).toBe(0)
  expect(Buffer.from(await bundle.bytes('many/file-7')).toString()).toBe(`${name} 7`)
}

test('Kubo lists and reads a bundle that it gets by bitswap', async () => {
  const root = `/ipfs/${task.cid.toString()}`
  const names = (await kubo.kubo('ls', '--size=false', '--resolve-type=false', `${root}/inputs`)).toString()
  expect(names).toContain('big.bin')
  expect(names).toContain('empty')
  expect(Buffer.compare(await kubo.kubo('cat', `${root}/inputs/big.bin`), big)).toBe(0)
  expect((await kubo.kubo('cat', `${root}/inputs/many/file-299`)).toString()).toBe('299')
  expect(JSON.parse((await kubo.kubo('cat', `${root}/manifest.json`)).toString())).toEqual(task.manifest)
})

test('Kubo gets a whole bundle by bitswap, and what it adds again has the same root', async () => {
  const target = join(directory, 'got')
  await kubo.kubo('get', '--output', target, task.cid.toString())
  const added = (await kubo.kubo('add', '--recursive', '--hidden', '--quieter', '--only-hash', target)).toString().trim()
  expect(added).toBe(task.cid.toString())
})

test('Kubo gets nothing of a bundle that is not for everybody', async () => {
  const hidden = await node.publishTaskBundle({
    session: { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '0' }, prompt: 'Who may read this?'
  }, { readers: [] })
  await expect(kubo.kubo('cat', '--timeout=3s', `/ipfs/${hidden.cid.toString()}/manifest.json`)).rejects.toThrow()
  await hidden.close()
})

test.for([['v1'], ['v0', '--cid-version=0'], ['trickle', '--chunker=size-65536', '--trickle'], ['protobuf', '--raw-leaves=false']])(
  'a directory that Kubo added as %j is fetched by bitswap', { timeout: 60_000 }, async ([name = '', ...flags]) => {
    const { bundle, protocols } = await fetchWhole(kubo.multiaddr, await addDirectory(name, ...flags))
    expect(protocols).toEqual(['dag', 'bitswap'])
    await expectDirectory(name, bundle)
  })

test('a directory that Kubo added is fetched as a CAR from its gateway, and saved it has the same root', { timeout: 60_000 }, async () => {
  const cid = await addDirectory('gateway')
  const { bundle, protocols } = await fetchWhole(kubo.gateway, cid)
  expect(protocols).toEqual(['http'])
  await expectDirectory('gateway', bundle)
  const target = join(directory, 'saved')
  await bundle.saveTo(target)
  expect((await kubo.kubo('add', '--recursive', '--quieter', '--only-hash', target)).toString().trim()).toBe(cid)
})

test('what was fetched of Kubo by bitswap is exported as the CAR that Kubo exports', { timeout: 60_000 }, async () => {
  const cid = await addDirectory('exported')
  const { fresh } = await fetchWhole(kubo.multiaddr, cid)
  const exported = await kubo.kubo('dag', 'export', '--progress=false', cid)
  expect(Buffer.compare(exported, Buffer.concat(await all(fresh.exportCar(cid))))).toBe(0)
})

test('says at once what Kubo does not have', async () => {
  const fresh = await freshNode()
  await expect(fresh.hold(branch([], 'nobody has this').cid, { providers: [kubo.multiaddr] }))
    .rejects.toMatchObject({ name: 'UnavailableError' })
})

test('at 20 KiB a second a block of a mebibyte goes in either direction, though it takes most of a minute', { timeout: 240_000 }, async () => {
  const slow = async (address: string): Promise<string> => {
    const target = Number(/\/tcp\/(\d+)/.exec(address)?.[1])
    const proxy = await startProxy({ target, bytesPerSecond: 20 * 1024 })
    onTestFinished(async () => { await proxy.stop() })
    return address.replace(`/tcp/${target}/`, `/tcp/${proxy.port}/`)
  }
  const bytes = generateBytes(7, 1024 * 1024)
  const [source, served, fresh] = [join(directory, 'slow.bin'), await freshNode(), await freshNode()]
  await writeFile(source, bytes)
  const added = (await kubo.kubo('add', '--quieter', '--wrap-with-directory', source)).toString().trim()
  const published = await served.publishTaskBundle({
    session: { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '0' },
    prompt: 'How fast?',
    files: [{ name: 'slow.bin', bytes: bytes.toReversed() }]
  }, { readers: 'anyone' })
  const reader = await onlineKubo()
  onTestFinished(async () => { await reader[Symbol.asyncDispose]() })
  await reader.kubo('swarm', 'connect', await slow(addressOf(served)))
  const [, read] = await Promise.all([
    fresh.hold(added, { providers: [await slow(kubo.multiaddr)], stallTimeoutMs: 20_000 }),
    reader.kubo('cat', `/ipfs/${published.cid.toString()}/inputs/slow.bin`)
  ])
  expect(Buffer.compare(read, bytes.toReversed())).toBe(0)
})
