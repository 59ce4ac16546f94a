import { basename } from 'node:path'
import { expect } from 'vitest'
import { hedgeMs } from '../../src/limits.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { nameOf } from './stage.ts'
import type { Dag } from '../format/dags.ts'
import type { FetchArgument } from './calls.ts'
import type { Stage } from './stage.ts'

/** A provider that misbehaves. */
export interface Liar {
  /** What it is named by when it is asked. */
  name: string
  /** What errors call it. */
  peer: string
  /** Name of the error; undefined where no harm is done and the fetch succeeds. */
  error: string | RegExp | undefined
  /** How the error calls it. */
  fault?: RegExp
  /** Only a provider that is silent, or asks to be left alone, is not blamed when another one was faster. */
  isSilent?: boolean
  /** Bytes that are asked for at most, where it would take long to send as many as may come by default. */
  bytesMax?: number
}

/** Milliseconds of silence after which a liar is given up: few where it is silent, and else more than a busy machine takes. */
const stallTimeoutMs = { silent: 3_000, busy: 20_000 }

/** Nobody else can be asked: a typed error names peer and fault, and nothing is stored. Gives what happened. */
export async function fetchFromLiar (stage: Stage, dag: Dag, liar: Liar): Promise<string> {
  const { node } = stage
  const { peer, error = 'fetched', fault, isSilent = false } = liar
  const ref = dag.root.toString()
  const outcome = await node.call('fetch', argumentFor(dag, liar, [liar.name], isSilent ? stallTimeoutMs.silent : stallTimeoutMs.busy))
  const happened = nameOf(outcome)

  expect(happened, outcome.error?.message).toMatch(error instanceof RegExp ? error : new RegExp(`^${error}$`))
  if (outcome.error === undefined) {
    expect(await node.call('damaged', { ref })).toBe(0)
    await node.call('forget', { refs: [ref] })
  } else {
    expect(outcome.error.attempts.map(({ provider }) => provider)).toEqual([peer])
    expect(outcome.error.attempts[0]?.reason).toMatch(fault ?? /^$/)
    expect(outcome.error.message).toMatch(fault ?? /^$/)
  }
  await expectNothingOf(stage, dag)
  return happened
}

/** An honest one can be asked as well: the fetch succeeds, and says whom it gave up and why. */
export async function fetchPastLiar (stage: Stage, dag: Dag, liar: Liar): Promise<void> {
  const { node, honest } = stage
  const { name, peer, error, fault, isSilent = false } = liar
  const ref = dag.root.toString()
  const outcome = await node.call('fetch', argumentFor(dag, liar, [name, honest.at], stallTimeoutMs.busy))

  expect(outcome.error?.message).toBeUndefined()
  expect(await node.call('damaged', { ref })).toBe(0)
  expect((await node.call('stored', {})).roots).toContain(ref)
  // After a while the honest one is asked as well, and may be done before the liar is found out.
  if (error !== undefined && !isSilent && (outcome.failed.length > 0 || outcome.ms < hedgeMs)) {
    expect(outcome.failed.map(({ provider }) => provider)).toEqual([peer])
    expect(outcome.failed[0]?.reason).toMatch(fault ?? /^$/)
  }
  await Promise.all([node, honest].map(async ({ call }) => { await call('forget', { refs: [ref] }) }))
}

/** Neither the bundle nor a block of it is in the repository. */
async function expectNothingOf ({ node }: Stage, { root, blocks }: Dag): Promise<void> {
  const { roots, files } = await node.call('stored', {})
  expect(roots).not.toContain(root.toString())
  const paths = new RepositoryPaths('')
  const names = [root.toString(), ...blocks.map(({ cid }) => basename(paths.block(cid).file))]
  expect(files.filter(file => names.some(name => file.includes(name)))).toEqual([])
}

function argumentFor ({ root }: Dag, { bytesMax }: Liar, providers: readonly string[], stallTimeoutMs: number): FetchArgument {
  return { ref: root.toString(), providers, stallTimeoutMs, ...(bytesMax === undefined ? {} : { bytesMax }) }
}
