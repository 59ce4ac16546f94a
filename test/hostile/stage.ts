import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CID } from 'multiformats/cid'
import { afterAll, beforeAll, expect } from 'vitest'
import { CarDecoder } from '../../src/format/car.ts'
import { startChild } from '../bench/child.ts'
import { addRow } from './table.ts'
import type { Child } from '../bench/child.ts'
import type { Scope } from '../bench/scope.ts'
import type { Dag } from '../format/dags.ts'
import type { NodeCalls, Outcome } from './calls.ts'

/** A node in a process of its own. */
export interface StagedNode extends Child<NodeCalls> {
  peerId: string
  address: string
  at: string
}

/** The node under attack, and one that keeps the rules. */
export interface Stage {
  node: StagedNode
  honest: StagedNode
  /** For what goes from one process to another. */
  directory: string
}

/** What the memory of a node may be above what it was. */
export const fetchGrowthMax: number = 8 * 2 ** 20
export const serveGrowthMax: number = 40 * 2 ** 20

/** Of work without a pause: no measure of speed, but what takes longer is an attack that works. */
const lagMsMax = 1_000

/** What the control takes where this bound was set; a machine that is slower has more time in proportion. */
const usualControlMs = 25

/** Starts both for the tests of one file. */
export function useStage (): Stage {
  const stage: Partial<Stage> = {}
  const ends: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hostile-'))
    ends.push(async () => { await rm(directory, { recursive: true, force: true, maxRetries: 5 }) })
    const scope: Scope = { add: (end) => { ends.push(end) }, directory: async () => await Promise.resolve(directory) }
    const [node, honest] = await Promise.all(['node', 'honest'].map(async name => await startNode(scope, join(directory, name))))
    Object.assign(stage, { node, honest, directory })
    // What a process needs once is not counted as an attack's.
    for (let n = 0; n < 3; n++) await honestFetch(stage as Stage)
  })
  afterAll(async () => {
    for (const end of ends.reverse()) await end()
  })
  return stage as Stage
}

async function startNode (scope: Scope, home: string): Promise<StagedNode> {
  await mkdir(home)
  const child = startChild<NodeCalls>(scope, join('..', 'hostile', 'programs', 'node.ts'))
  return { ...child, ...await child.call('start', { home }) }
}

let made = 0

/** A name for what is made once. */
export function newSeed (): string {
  return `${process.pid}/${made++}`
}

/** The honest peer fetches something from the node under attack; how many milliseconds it takes. */
export async function honestFetch ({ node, honest }: Stage): Promise<number> {
  const { cid } = await node.call('publish', { seed: newSeed(), files: 3, bytesEach: 2000, readers: 'anyone' })
  const { error, ms } = await honest.call('fetch', { ref: cid, providers: [node.at] })
  expect(error).toBeUndefined()
  await Promise.all([node, honest].map(async ({ call }) => { await call('forget', { refs: [cid] }) }))
  return ms
}

/** A bundle that a node has, by default the honest one, and all its blocks. */
export async function makeBundle (
  { honest, directory }: Stage, { files = 12, bytesEach = 3000, at = honest }: { files?: number, bytesEach?: number, at?: StagedNode } = {}
): Promise<Dag> {
  const { cid } = await at.call('publish', { seed: newSeed(), files, bytesEach, readers: 'anyone' })
  const path = join(directory, `${cid}.car`)
  await at.call('exportCar', { ref: cid, path })
  const blocks = new CarDecoder().push(await readFile(path)).map(({ cid, bytes }) => ({ cid, bytes }))
  await rm(path)
  return { root: CID.parse(cid), blocks, bytes: blocks.reduce((sum, { bytes }) => sum + bytes.length, 0) }
}

/** An attack, and what it may cost. */
export interface Attack {
  attack: string
  growthMax: number
}

/**
 * Runs an attack on the node. `during` is to be called when it is in force: the honest peer is served then. Checked are the node's
 * memory during the attack and after it, and how long its event loop was held up.
 *
 * @param run - gives what happened, in a few words
 */
export async function attackNode (stage: Stage, { attack, growthMax }: Attack, run: (during: () => Promise<void>) => Promise<string>): Promise<void> {
  const { node } = stage
  await node.call('watch', {})
  let honestMs: number | undefined
  const during = async (): Promise<void> => { honestMs = await honestFetch(stage) }
  const happened = await run(during)
  if (honestMs === undefined) await during()
  const { peakBytes, lagMs, controlMs } = await node.call('watched', {})
  addRow({ attack, happened, peakBytes, lagMs, honestMs: honestMs ?? 0 })
  expect(peakBytes, 'memory while it was attacked').toBeLessThan(growthMax)
  expect(lagMs, 'event loop').toBeLessThan(lagMsMax * Math.max(1, controlMs / usualControlMs))
  await expect.poll(() => node.call('growth', {}), { timeout: 20_000, interval: 250, message: 'memory afterwards' }).toBeLessThan(growthMax)
}

/** What an outcome is called in the table. */
export function nameOf ({ error }: Outcome): string {
  return error?.name ?? 'fetched'
}
