/** A data node that answers calls until its parent ends. It watches its own memory and event loop. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createDataNode, DataNodeError } from '../../../dist/index.js'
import { defaultOwner, unansweredOwner } from '../../../src/store/holds.ts'
import { serveCalls } from '../../bench/calls.ts'
import { badTasks } from '../bad-tasks.ts'
import { growth, watch, watched } from '../watch.ts'
import type { DataNode } from '../../../src/interface/data-node.ts'
import type { ProgressOptions } from '../../../src/interface/progress.ts'
import type { CallError, NodeCalls, Outcome, PublishArgument } from '../calls.ts'

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '7' } as const
const unhandled: unknown[] = []
let running: DataNode | undefined
let home = ''
let tasks = 0

// It is said with the next call: what nobody catches would end a host's process.
process.on('unhandledRejection', (reason) => { unhandled.push(reason) })

serveCalls<NodeCalls>({
  start: async (argument) => {
    ({ home } = argument)
    const listen = ['/ip4/127.0.0.1/tcp/0']
    running = await createDataNode({ home, privateKey: 'generate', listen, storage: { quota: '4GiB', keepFree: 0 } })
    await warmUp()
    return { address: running.address, peerId: running.peerId, at: running.multiaddrs[0] ?? '' }
  },
  publish,
  publishBad: async ({ what }) => await outcomeOf(async () => {
    const bad = badTasks.find(task => task.what === what)
    if (bad === undefined) throw new TypeError(`There is no bad task with ${what}`)
    const task = await node().publishTaskBundle({ session, prompt: what, ...bad.make() }, { readers: 'anyone' })
    await task.close()
    return undefined
  }),
  publishPath: async ({ path }) => await outcomeOf(async () => {
    const task = await node().publishTaskBundle({ session, prompt: path, files: [{ name: 'source', path }] }, { readers: 'anyone' })
    await task.close()
    return undefined
  }),
  exportCar: async ({ ref, path }) => {
    const file = await open(path, 'w')
    for await (const piece of node().exportCar(ref)) await file.write(piece)
    await file.close()
    return undefined
  },
  importCar: async ({ path, readers, ...options }) => await outcomeOf(async () => {
    const bundle = await node().importCar(createReadStream(path), { ...options, readers: readers === 'anyone' ? readers : [] })
    await bundle.close()
    return undefined
  }),
  fetch: async ({ ref, ...options }) => await outcomeOf(async (progress) => {
    await node().hold(ref, { ...options, ...progress })
    return undefined
  }),
  read: async ({ ref, path, ...options }) => await outcomeOf(async (progress) => {
    const bundle = await node().open(ref, { ...options, ...progress })
    try {
      return (await bundle.bytes(path)).length
    } finally {
      await bundle.close()
    }
  }),
  damaged: async ({ ref }) => (await node().verify(ref)).damaged.length,
  forget: async ({ refs }) => {
    await forget(refs)
    return undefined
  },
  stored: async () => {
    const roots: string[] = []
    for await (const { cid } of node().list()) roots.push(cid)
    return { roots: roots.sort(), files: await filesBelow(home) }
  },
  watch: async () => {
    await watch()
    return undefined
  },
  growth: async () => {
    const [reason] = unhandled
    if (reason !== undefined) throw new Error('A rejection was not handled', { cause: reason })
    return await growth()
  },
  watched: async () => await watched(),
  open: async () => ({ connections: node().health().connections, descriptors: (await readdir('/proc/self/fd')).length })
}, async () => { await running?.stop() })

function node (): DataNode {
  if (running === undefined) throw new Error('The node was not started')
  return running
}

/** What is loaded once, with the first bundle that is fetched, is nothing that an attack takes. */
async function warmUp (): Promise<void> {
  const other = await createDataNode({ home: ':memory:', privateKey: 'generate', listen: ['/ip4/127.0.0.1/tcp/0'] })
  const published = await other.publishTaskBundle({ session, prompt: 'warm up' }, { readers: 'anyone' })
  const fetched = await node().fetchTaskBundle(published.urn, { providers: other.multiaddrs })
  await fetched.close()
  await forget([published.urn])
  await other.stop()
}

async function forget (refs: readonly string[]): Promise<void> {
  for (const ref of refs) for (const owner of [defaultOwner, unansweredOwner]) await node().release(ref, { owner })
  await node().collect()
}

async function publish ({ seed, files, bytesEach, readers }: PublishArgument): Promise<{ cid: string, bytes: number }> {
  const sources = Array.from({ length: files }, (_, at) => ({ name: `file-${at}`, bytes: bytesOf(`${seed}/${at}`, bytesEach) }))
  const task = await node().publishTaskBundle({ session, prompt: seed, files: sources }, { readers: readers === 'nobody' ? [] : 'anyone' })
  const bundle = readers !== 'later' ? task
    : await node().publishResult({ task, taskId: String(tasks++), output: seed }, { reveal: 'later' })
  const cid = bundle.cid.toString()
  await task.close()
  await bundle.close()
  for await (const { cid: stored, bytes } of node().list()) if (stored === cid) return { cid, bytes }
  throw new Error(`${cid} was published and is not listed`)
}

async function outcomeOf (call: (options: ProgressOptions) => Promise<number | undefined>): Promise<Outcome> {
  const startedAt = performance.now()
  const failed: { provider: string, reason: string }[] = []
  let error: CallError | undefined
  let bytes: number | undefined
  try {
    bytes = await call({
      onProgress: ({ type, detail }) => { if (type === 'datanode:fetch:failed') failed.push(detail) }
    })
  } catch (reason) {
    error = describe(reason)
  }
  return { ms: performance.now() - startedAt, failed, ...(error === undefined ? {} : { error }), ...(bytes === undefined ? {} : { bytes }) }
}

function describe (reason: unknown): CallError {
  if (!(reason instanceof DataNodeError)) return { name: 'untyped', message: String(reason), isTyped: false, attempts: [] }
  const { peer, attempts = [] } = reason.details as { peer?: string, attempts?: CallError['attempts'] }
  return {
    name: reason.name,
    message: reason.message.slice(0, 2000),
    isTyped: true,
    ...(peer === undefined ? {} : { peer }),
    attempts: attempts.map(({ provider, outcome, reason }) => ({ provider, outcome, reason: reason.slice(0, 500) }))
  }
}

/** Where blocks and records may be: its index, its own log of statements and what names it change by themselves. */
async function filesBelow (directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .filter(name => !/^[^/]+\/(?:data\/|audit\/|lock$|version$|identity$)/.test(name)).sort()
}

/** Bytes that follow from a text, and no two pieces of which are the same. */
function bytesOf (text: string, length: number): Uint8Array {
  return new Uint8Array(createHash('shake256', { outputLength: length }).update(text).digest())
}
