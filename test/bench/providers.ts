/**
 * One big file that several nodes have, each behind a link of its own of 10 MB/s: from one of them, from three, and from three
 * of which the link that carried most is cut when half of the file has come. What was fetched is held on disk where an
 * implementation can. The raw stream takes an equal part from each node, and has no way to go on without one.
 */
import { implementations } from './implementations.ts'
import { startLinks } from './link.ts'
import { say, sayFailures } from './options.ts'
import { withScope } from './scope.ts'
import { median, rounded } from './statistics.ts'
import type { Implementation } from './implementations.ts'
import type { BenchOptions } from './options.ts'
import type { FetchItem, Impl } from './peer.ts'

/** One line of the table. */
export interface ProvidersRow {
  impl: Impl
  providers: number
  killed: number
  mbPerSecond: number
  /** Both directions, as the links count. */
  wireBytes: number
  payloadBytes: number
  ms: number
  completed: number
  runs: number
}

/** What can be measured. */
export interface ProvidersOptions extends BenchOptions {
  bytes?: number
  /** Of each link. */
  bytesPerSecond?: number
}

interface Shape {
  providers: number
  killed: number
}

interface Sample {
  ms: number
  payloadBytes: number
  wireBytes: number
  isComplete: boolean
}

const mebibyte = 1024 * 1024
const all = 3
const rttMs = 2

export async function providers (options: ProvidersOptions): Promise<ProvidersRow[]> {
  const { bytes = 48 * mebibyte, bytesPerSecond = 10_000_000, deadlineMs = 15_000, runs = 3 } = options
  const rows: ProvidersRow[] = []
  for (const implementation of implementations(options.only)) {
    await withScope(async (scope) => {
      const servers = await Promise.all(Array.from({ length: all }, async () => implementation.server(scope, 1)))
      const refs: string[] = []
      for (const server of servers) refs.push(await server.publish(0, { seed: 'providers', files: 1, bytesEach: bytes }))
      const [ref = ''] = refs
      if (refs.some(other => other !== ref)) throw new Error(`${implementation.impl} gave one file several names: ${refs.join(', ')}`)
      const item: FetchItem = { ref, payloadBytes: bytes, from: servers.flatMap(({ addresses }) => addresses) }
      for (const shape of shapesOf(implementation)) {
        const samples: Sample[] = []
        for (let run = 0; run < runs; run++) {
          say(`providers: ${implementation.impl}, ${shape.providers} providers, ${shape.killed} killed`)
          samples.push(await measure(implementation, item, shape, { bytesPerSecond, deadlineMs }))
          if (samples.at(-1)?.isComplete === false) break
        }
        rows.push(rowOf(implementation, shape, samples))
      }
    })
  }
  return rows
}

/** Whoever reads one gateway reads one. */
function shapesOf ({ impl }: Implementation): Shape[] {
  const one = { providers: 1, killed: 0 }
  if (impl === 'kubo-gateway') return [one]
  const three = { providers: all, killed: 0 }
  return impl === 'raw-stream' ? [one, three] : [one, three, { providers: all, killed: 1 }]
}

async function measure (
  implementation: Implementation, item: FetchItem, { providers, killed }: Shape, { bytesPerSecond, deadlineMs }:
  { bytesPerSecond: number, deadlineMs: number }
): Promise<Sample> {
  return await withScope(async (scope) => {
    const client = await implementation.client(scope, implementation.stored.includes(true))
    const links = await startLinks(scope, item.from.slice(0, providers), { rttMs, bytesPerSecond })
    const killing = killed === 0 ? undefined : links.killFastest(item.payloadBytes / 2, deadlineMs)
    const { fetched: [fetched] } = await client.fetch({ items: [{ ...item, from: links.addresses }], isCold: false, deadlineMs })
    if (fetched === undefined) throw new RangeError('Nothing was fetched')
    sayFailures([fetched])
    if (await killing === false) say('  half of it never came, and no link was cut')
    return { ms: fetched.ms, payloadBytes: fetched.payloadBytes, wireBytes: await links.bytes(), isComplete: fetched.isComplete }
  })
}

function rowOf ({ impl }: Implementation, { providers, killed }: Shape, samples: readonly Sample[]): ProvidersRow {
  const payloadBytes = Math.round(median(samples.map(sample => sample.payloadBytes)))
  const ms = median(samples.map(sample => sample.ms))
  return {
    impl,
    providers,
    killed,
    mbPerSecond: rounded(payloadBytes / ms / 1000),
    wireBytes: Math.round(median(samples.map(({ wireBytes }) => wireBytes))),
    payloadBytes,
    ms: Math.round(ms),
    completed: samples.filter(({ isComplete }) => isComplete).length,
    runs: samples.length
  }
}
