import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import type { AbortOptions } from '../../src/interface/primitives.ts'
import { NodeFileSystem } from '../../src/store/node-file-system.ts'
import { openStore } from '../../src/store/store.ts'
import { address } from '../store/dags.ts'
import { checkRepo } from './check-repo.ts'
import { fastDirectory } from './directories.ts'
import { FaultyFileSystem } from './faulty-file-system.ts'
import { cached, filledRepository, held, operations, textOf } from './operations.ts'
import { openDescriptors, openFiles } from './resources.ts'

const callsMax = 2000
const ticksMax = 5000

for (const { name, run, stores, letsGo = [] } of operations.filter(({ takesSignal = true }) => takesSignal)) {
  test(`rejects with the signal's reason when ${name} is aborted at any call of the file system`, async () => {
    const template = await filledRepository()
    const directory = await fastDirectory()
    let fired = true
    for (let n = 1; fired; n++) {
      expect(n).toBeLessThan(callsMax)
      const path = join(directory, String(n))
      await cp(template, path, { recursive: true })
      const fileSystem = new FaultyFileSystem(new NodeFileSystem())
      const store = await openStore({ path, address, fileSystem })
      const files = await openFiles()
      const controller = new AbortController()
      const reason = new Error(`aborted at call ${n}`)
      fired = false
      fileSystem.arm('nothing', n, () => {
        fired = true
        controller.abort(reason)
      })
      const outcome = await run(store, { signal: controller.signal }).then(() => 'resolved', (error: unknown) => error)
      fileSystem.disarm()
      const label = `${name}, aborted at call ${n}`
      if (outcome !== 'resolved') expect(outcome, label).toBe(reason)
      expect(await openFiles(), label).toEqual(files)
      await run(store, {})
      await store.close()
      const acknowledged = [...held, ...stores === undefined ? [] : [stores]]
      const possible = new Set(textOf([...acknowledged, ...cached]))
      await checkRepo(path, { label, acknowledged: textOf(acknowledged.filter(dag => !letsGo.includes(dag))), possible })
      await rm(path, { recursive: true })
    }
  })
}

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '0' } as const

/** A node with a task that another one has too. */
interface Nodes {
  node: DataNode
  ticket: string
  car: Uint8Array
  /** What is there to be collected, each time. */
  goes: number[]
}

const calls: Record<string, (nodes: Nodes, options: AbortOptions, n: number) => Promise<unknown>> = {
  publishTaskBundle: async ({ node }, options, n) => (await node.publishTaskBundle(
    { session, prompt: n, files: [{ name: 'file', bytes: new Uint8Array(n % 2 === 0 ? 3000 : 1_300_000).fill(n) }] }, { readers: 'anyone', ...options }
  )).close(),
  fetchTaskBundle: async ({ node, ticket }, options) => {
    await (await node.fetchTaskBundle(ticket, options)).close()
    await node.release(ticket, { owner: 'unanswered' }).catch(() => {})
    await node.collect()
  },
  open: async ({ node, ticket }, options) => (await node.open(ticket, options)).close(),
  importCar: async ({ node, car }, options) => (await node.importCar([car], options)).close(),
  verify: async ({ node }, options) => node.verify(undefined, options),
  collect: async ({ node, goes }, options) => {
    for (const n of goes.splice(0)) {
      await (await node.publishTaskBundle({ session, prompt: `goes ${n}` }, { readers: 'anyone', retentionMs: 0 })).close()
    }
    goes.push(0, 1, 2, 3)
    await node.collect(options)
  },
  hold: async ({ node, ticket }, options) => {
    await node.hold(ticket, { owner: 'tries', ...options })
    await node.release(ticket, { owner: 'tries' })
    await node.collect()
  }
}

for (const [name, call] of Object.entries(calls)) {
  test(`rejects with the signal's reason when ${name}() is aborted at any moment`, async () => {
    const nodes = await startNodes()
    await call(nodes, {}, -1)
    const before = await openDescriptors()
    let aborted = 0
    let resolved = 0
    // Steps grow: the first moments are tried one by one, and later ones as far apart as they are long ago.
    for (let ticks = 0; ticks < ticksMax && resolved < 3; ticks += 1 + (ticks >> 3)) {
      const controller = new AbortController()
      const reason = new Error(`aborted after ${ticks} ticks`)
      const outcome = call(nodes, { signal: controller.signal }, ticks).then(() => 'resolved', (error: unknown) => error)
      for (let tick = 0; tick < ticks && !await isOver(outcome); tick++) await setImmediate()
      controller.abort(reason)
      const seen = await outcome
      if (seen === 'resolved') resolved++
      else expect(seen).toBe(reason)
      if (seen !== 'resolved') aborted++
    }
    expect(aborted).toBeGreaterThan(0)
    await call(nodes, {}, -2)
    await expect.poll(openDescriptors, { timeout: 5000 }).toBeLessThanOrEqual(before)
    const path = join(nodes.home, nodes.node.address)
    const acknowledged = (await Array.fromAsync(nodes.node.list())).filter(({ holds }) => holds.length > 0).map(({ cid }) => cid)
    await nodes.node.stop()
    await checkRepo(path, { label: name, acknowledged, address: nodes.node.address })
  })
}

async function isOver (work: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open')
  return await Promise.race([work, Promise.resolve(open)]) !== open
}

async function startNodes (): Promise<Nodes & { home: string }> {
  const home = await fastDirectory()
  const elsewhere = await createDataNode({ home: ':memory:', privateKey: 'generate', listen: ['/ip4/127.0.0.1/tcp/0'] })
  onTestFinished(() => elsewhere.stop())
  const file = { name: 'file', bytes: new Uint8Array(1_300_000).fill(7) }
  const task = await elsewhere.publishTaskBundle({ session, prompt: 'elsewhere', files: [file] }, { readers: 'anyone' })
  const imported = await elsewhere.publishTaskBundle({ session, prompt: 'imported', files: [file] }, { readers: 'anyone' })
  const car = Buffer.concat(await Array.fromAsync(imported.exportCar()))
  const node = await createDataNode({ home, privateKey: 'generate' })
  onTestFinished(() => node.stop())
  await (await node.publishTaskBundle({ session, prompt: 'own', files: [file] }, { readers: 'anyone' })).close()
  return { home, node, ticket: task.ticket, car: new Uint8Array(car), goes: [0, 1, 2, 3] }
}
