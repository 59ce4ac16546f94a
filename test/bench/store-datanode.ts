/**
 * Measures the store of a data node through its public verbs, on a home directory on disk.
 * Arguments: directory, number of the run, durability, and `heavy` to include what takes long.
 *
 * Small and single files are published as a task, which is signed as every bundle is; `20000-blocks` is a dataset of 20,000
 * files of 2 KB. Reading streams every file of the bundle. What is collected was published with no retention.
 */
import { join } from 'node:path'
import { createDataNode } from 'cortensor-datanode'
import {
  besideCollection, bytesOf, largeWorks, latency, makeFiles, report, smallWorks, timed
} from './store-work.ts'
import type { Bundle, DataNode } from 'cortensor-datanode'
import type { Work, WorkFile } from './store-work.ts'

const [home = '', run = '0', durability, heavy] = process.argv.slice(2)
const session = { chainId: '421614', queue: `0x${'c0'.repeat(20)}`, sessionId: run } as const
const privateKey = '5a'.repeat(32)
const openBundles = 5

const storage = { durability: durability === 'process-crash' ? durability : 'power-cut', quota: '8GiB', keepFree: 0 } as const
const node = await createDataNode({ home: join(home, 'works'), privateKey, storage })
try {
  await publishAndRead(node)
  if (heavy === 'heavy') await collect(node)
} finally {
  await node.stop()
}
if (heavy === 'heavy' && durability === 'power-cut') await open()

async function publishAndRead (node: DataNode): Promise<void> {
  for (const work of smallWorks) {
    const publish = async (round: number): Promise<number> => await publishTask(node, makeFiles(work, round))
    report({ work, op: 'publish', ms: await latency(publish), bytes: bytesOf(makeFiles(work, 0)) })
  }
  for (const work of largeWorks) {
    const files = makeFiles(work, Number(run))
    const bytes = bytesOf(files)
    let bundle: Bundle | undefined
    const ms = await timed(async () => {
      bundle = await node.publishTaskBundle({ session, prompt: work, files: [...files] }, { readers: 'anyone', retentionMs: 0 })
    })
    report({ work, op: 'publish', ms, bytes })
    if (bundle === undefined) return
    await readAll(bundle, bytes, work)
    const { cid } = bundle
    if (work === '1x256MiB') report({ work, op: 'hold', ms: await timed(async () => { await node.hold(cid) }), bytes })
    await bundle.close()
  }
}

async function collect (node: DataNode): Promise<void> {
  const work = '20000-blocks'
  const files = makeFiles(work, Number(run))
  const bytes = bytesOf(files)
  let bundle: Bundle | undefined
  const ms = await timed(async () => { bundle = await publishDataset(node, work, files, 0) })
  report({ work, op: 'publish', ms, bytes })
  if (bundle === undefined) return
  await readAll(bundle, bytes, work)
  await bundle.close()
  const publish = async (round: number): Promise<number> => await publishTask(node, makeFiles('20x2KB', 1000 + round))
  report({ work, op: 'collect', bytes, ...await besideCollection(async () => await node.collect(), publish) })
}

/** A node is opened and closed once before, so that code which is loaded late does not count. */
async function open (): Promise<void> {
  const init = { home: join(home, 'open'), privateKey }
  const builder = await createDataNode({ ...init, storage: { ...storage, durability: 'process-crash' } })
  for (let i = 0; i < openBundles; i++) {
    const files = makeFiles('100000-blocks', i)
    await (await publishDataset(builder, `part-${i}`, files, Infinity)).close()
  }
  await builder.stop()
  let opened: DataNode | undefined
  const ms = await timed(async () => { opened = await createDataNode({ ...init, storage }) })
  await opened?.stop()
  report({ work: '100000-blocks', op: 'open', ms })
}

async function publishTask (node: DataNode, files: WorkFile[]): Promise<number> {
  let bundle: Bundle | undefined
  const ms = await timed(async () => {
    bundle = await node.publishTaskBundle({ session, prompt: 'a prompt', files }, { readers: 'anyone' })
  })
  await bundle?.close()
  return ms
}

async function publishDataset (node: DataNode, name: string, files: WorkFile[], retentionMs: number): Promise<Bundle> {
  return await node.datasets.publish({ name, version: '1.0.0', files }, { readers: 'anyone', retentionMs })
}

async function readAll (bundle: Bundle, expected: number, work: Work): Promise<void> {
  let bytes = 0
  const ms = await timed(async () => {
    for await (const { path, type } of bundle.files()) {
      if (type !== 'file') continue
      for await (const piece of bundle.stream(path)) bytes += piece.byteLength
    }
  })
  if (bytes < expected) throw new Error(`${bytes} bytes of ${expected} were read`)
  report({ work, op: 'read', ms, bytes: expected })
}
