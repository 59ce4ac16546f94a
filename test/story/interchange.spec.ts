import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CarReader } from '@ipld/car'
import { expect, onTestFinished, test } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { carOf, strayBlock } from '../bundle/cars.ts'
import { all } from '../bundle/dags.ts'
import { filesBelow, temporaryDirectory } from '../store/fixtures.ts'
import type { DataNode, TaskInit } from '../../src/interface/data-node.ts'

const large = new Uint8Array(3 * 1024 * 1024).map((_, index) => index % 251)
const init: TaskInit = {
  session: { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '0' },
  prompt: 'p',
  files: [{ name: 'large.bin', bytes: large }, { name: 'small.txt', text: 'small' }]
}

async function startNode (home?: string): Promise<{ node: DataNode, home: string }> {
  const place = home ?? await temporaryDirectory()
  const node = await createDataNode({ home: place, privateKey: '5a'.repeat(32) })
  onTestFinished(async () => { await node.stop() })
  return { node, home: place }
}

/** Files that hold what is stored, without the index. */
async function dataFiles (home: string): Promise<string[]> {
  return (await filesBelow(home)).filter(path => /\/(?:bundles|blocks|temp)\//.test(path))
}

test('a bundle goes from one node to another as a file', async () => {
  const { node, home } = await startNode()
  const published = await node.publishTaskBundle(init, { readers: 'anyone' })
  const file = join(home, 'task.car')
  await pipeline(Readable.from(node.exportCar(published.urn)), createWriteStream(file))
  const { node: other, home: otherHome } = await startNode()
  const progress: { bytesDone: number, bytesTotal?: number }[] = []
  const imported = await other.importCar(createReadStream(file), {
    root: published.urn,
    bytesTotal: (await stat(file)).size,
    hold: true,
    onProgress: event => { if (event.type === 'datanode:import:progress') progress.push(event.detail) }
  })
  expect(imported.cid.equals(published.cid)).toBe(true)
  expect(imported.manifest).toEqual(published.manifest)
  expect(Buffer.from(large).equals(await imported.bytes('inputs/large.bin'))).toBe(true)
  expect(progress.at(-1)?.bytesDone).toBe((await stat(file)).size)
  await other.stop()
  const { node: restarted } = await startNode(otherHome)
  expect(await all(restarted.list())).toMatchObject([{ cid: published.cid.toString(), kind: 'task', origin: 'fetched', held: true, readers: [] }])
  expect(Buffer.concat(await all(restarted.exportCar(published.cid))).equals(Buffer.concat(await all(node.exportCar(published.cid))))).toBe(true)
})

test('exporting tells how far it is, and what is not stored is not fetched for it', async () => {
  const { node } = await startNode()
  const published = await node.publishTaskBundle(init, { readers: 'anyone' })
  const progress: { bytesDone: number, bytesTotal?: number }[] = []
  await all(node.exportCar(published.ticket, {
    onProgress: event => { if (event.type === 'datanode:export:progress') progress.push(event.detail) }
  }))
  expect(progress.length).toBeGreaterThan(1)
  expect(progress.at(-1)).toMatchObject({ bytesDone: progress[0]?.bytesTotal })
  const { node: other } = await startNode()
  await expect(all(other.exportCar(published.ticket))).rejects.toMatchObject({
    name: 'NotStoredError', message: expect.stringContaining('fetch it first') as string
  })
  await expect(all(other.exportCar('urn:blob:v2:s3:x'))).rejects.toMatchObject({ name: 'ForeignReferenceError' })
})

test('an import that is refused leaves no file, and what is not below the root none either', async () => {
  const { node } = await startNode()
  const { urn, cid } = await node.publishTaskBundle(init, { readers: 'anyone' })
  const car = Buffer.concat(await all(node.exportCar(urn)))
  const { node: other, home } = await startNode()
  const before = await dataFiles(home)
  const damaged = Buffer.from(car)
  damaged[damaged.length - 1] = (damaged[damaged.length - 1] ?? 0) ^ 1
  for (const [source, name] of [[damaged, 'InvalidMessageError'], [car.subarray(0, -1), 'InvalidMessageError']] as const) {
    await expect(other.importCar([source])).rejects.toMatchObject({ name })
    expect(await dataFiles(home)).toEqual(before)
  }
  const sections = await all((await CarReader.fromBytes(car)).blocks())
  const withoutLast = await carOf([cid], [...sections.slice(0, -1), strayBlock(new Uint8Array(1_000_000))])
  await expect(other.importCar([withoutLast])).rejects.toMatchObject({
    name: 'NotStoredError', message: expect.stringContaining(sections.at(-1)?.cid.toString() ?? '') as string
  })
  expect(await dataFiles(home)).toEqual(before)
  expect(await all(other.list())).toEqual([])
  await other.importCar([car])
  const { node: third, home: thirdHome } = await startNode()
  const strays = Array.from({ length: 5 }, (_, index) => strayBlock(new Uint8Array(1_000_000).fill(index)))
  await third.importCar([await carOf([cid], [...strays, ...sections])])
  expect((await dataFiles(thirdHome)).length).toBe((await dataFiles(home)).length)
})

test('stopping the node ends an import that waits for its source', async () => {
  const { node, home } = await startNode()
  const before = await dataFiles(home)
  const cancelled = Promise.withResolvers<undefined>()
  const importing = node.importCar(new ReadableStream<Uint8Array>({ cancel () { cancelled.resolve(undefined) } }))
  const refused = expect(importing).rejects.toMatchObject({ name: 'StoppedError' })
  await node.stop()
  await refused
  await cancelled.promise
  expect(await dataFiles(home)).toEqual(before)
  await expect(node.importCar([])).rejects.toMatchObject({ name: 'StoppedError' })
  await expect(all(node.exportCar('bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'))).rejects.toMatchObject({ name: 'StoppedError' })
})

test('stopping the node ends an export that is being read', async () => {
  const { node } = await startNode(':memory:')
  const { urn } = await node.publishTaskBundle(init, { readers: 'anyone' })
  const pieces = node.exportCar(urn)[Symbol.asyncIterator]()
  await pieces.next()
  await node.stop()
  await expect((async () => { while ((await pieces.next()).done !== true); })()).rejects.toMatchObject({ name: 'StoppedError' })
})
