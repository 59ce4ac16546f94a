/**
 * Many small files in one bundle, from one process to another. `cold`: the connection has to be made first, handshakes included.
 * `warm`: the connection, and the stream on it where streams are kept, has carried 30 bundles of that size. `stored`: held on
 * disk when the clock stops, else readable in memory. At an RTT of 0 nothing stands between the two sides; other RTTs are made by a
 * proxy, which cannot delay the handshake of TCP itself: on a real link each cold row is one RTT longer.
 */
import { implementations } from './implementations.ts'
import { startLinks } from './link.ts'
import { say, sayFailures } from './options.ts'
import { withScope } from './scope.ts'
import { median, quantile, rounded } from './statistics.ts'
import type { Implementation, Peer } from './implementations.ts'
import type { Links } from './link.ts'
import type { BenchOptions } from './options.ts'
import type { Fetched, FetchItem, Impl } from './peer.ts'
import type { Scope } from './scope.ts'

/** One line of the table. */
export interface BundleRow {
  impl: Impl
  files: number
  rttMs: number
  warm: boolean
  stored: boolean
  medianMs: number
  p95Ms: number
  /** Of the median run; both directions, on the side that fetches. */
  wireBytes: number
  payloadBytes: number
  /** Runs that ended in time; the others count with the time after which they were given up. */
  completed: number
  runs: number
}

/** What can be measured. */
export interface BundleOptions extends BenchOptions {
  files?: readonly number[]
  rttsMs?: readonly number[]
}

interface Cell {
  files: number
  rttMs: number
  stored: boolean
}

interface Sample extends Fetched {
  wireBytes: number
}

interface Subject {
  implementation: Implementation
  /** References by number of files, as many as are needed at one client. */
  refs: Map<number, FetchItem[]>
  runs: number
  deadlineMs: number
  from: readonly string[]
}

const bytesEach = 2048
/** As many bundles of that size, for each implementation: a process that has run for a minute, its code compiled. */
const warmUps = 30
const coldRunsMax = 3

export async function bundle (options: BundleOptions): Promise<BundleRow[]> {
  const { files = [5, 20, 200], rttsMs = [0, 50, 200], deadlineMs = 5_000 } = options
  const rows: BundleRow[] = []
  for (const implementation of implementations(options.only)) {
    await withScope(async (scope) => {
      const runs = runsOf(implementation, options.runs)
      const server = await implementation.server(scope, 1)
      const refs = new Map<number, FetchItem[]>()
      for (const count of files) refs.set(count, await publish(server, count, 2 * runs + warmUps))
      const subject: Subject = { implementation, refs, runs, deadlineMs, from: server.addresses }
      for (const stored of implementation.stored) {
        for (const rttMs of rttsMs) rows.push(...await measureLink(subject, files, rttMs, stored))
      }
    })
  }
  return rows
}

/** The ones that take seconds are measured less often. */
function runsOf ({ impl }: Implementation, runs = 7): number {
  return impl === 'helia' || impl === 'kubo-bitswap' ? Math.ceil(runs / 10) : runs
}

async function publish (server: Peer, files: number, count: number): Promise<FetchItem[]> {
  const items: FetchItem[] = []
  for (let i = 0; i < count; i++) {
    items.push({ ref: await server.publish(0, { seed: `bundle-${files}-${i}`, files, bytesEach }), payloadBytes: files * bytesEach, from: [] })
  }
  return items
}

async function measureLink (subject: Subject, files: readonly number[], rttMs: number, stored: boolean): Promise<BundleRow[]> {
  return await withScope(async (scope) => {
    const client = await subject.implementation.client(scope, stored)
    const links = await linksFor(scope, subject.from, rttMs)
    const rows: BundleRow[] = []
    for (const count of files) {
      say(`bundle: ${subject.implementation.impl}, ${count} files, RTT ${rttMs} ms, ${stored ? 'on disk' : 'in memory'}`)
      rows.push(...await measure(subject, { client, links }, { files: count, rttMs, stored }))
    }
    return rows
  })
}

async function linksFor (scope: Scope, from: readonly string[], rttMs: number): Promise<Links | undefined> {
  return rttMs === 0 ? undefined : await startLinks(scope, from, { rttMs })
}

async function measure (
  { implementation, refs, runs, deadlineMs, from }: Subject, { client, links }: { client: Peer, links: Links | undefined }, cell: Cell
): Promise<BundleRow[]> {
  const items = (refs.get(cell.files) ?? []).map(item => ({ ...item, from: links?.addresses ?? from }))
  const once = async (item: FetchItem | undefined, isCold: boolean): Promise<Sample> => {
    if (item === undefined) throw new RangeError('Too few bundles were published')
    const before = await links?.bytes() ?? 0
    const { fetched: [fetched], wireBytes = 0 } = await client.fetch({ items: [item], isCold, deadlineMs, countWireBytes: links === undefined })
    if (fetched === undefined) throw new RangeError('Nothing was fetched')
    sayFailures([fetched])
    return { ...fetched, wireBytes: links === undefined ? wireBytes : await links.bytes() - before }
  }
  const several = async (items: readonly FetchItem[], isCold: boolean): Promise<Sample[]> => {
    const samples: Sample[] = []
    for (const item of items) {
      samples.push(await once(item, isCold))
      // What was given up once would only be given up again.
      if (samples.at(-1)?.isComplete === false) break
    }
    return samples
  }
  const cold = await several(items.slice(0, Math.min(runs, coldRunsMax)), true)
  if (cold.some(({ isComplete }) => !isComplete)) return [rowOf(implementation, cell, false, cold)]
  const isFast = implementation.impl !== 'helia' && implementation.impl !== 'kubo-bitswap'
  for (let i = 0; i < (isFast ? warmUps : 0); i++) await once(items[2 * runs + i], false)
  return [rowOf(implementation, cell, false, cold), rowOf(implementation, cell, true, await several(items.slice(runs, 2 * runs), false))]
}

function rowOf ({ impl }: Implementation, { files, rttMs, stored }: Cell, warm: boolean, samples: readonly Sample[]): BundleRow {
  const times = samples.map(({ ms }) => ms)
  return {
    impl,
    files,
    rttMs,
    warm,
    stored,
    medianMs: rounded(median(times)),
    p95Ms: rounded(quantile(times, 0.95)),
    wireBytes: Math.round(median(samples.map(({ wireBytes }) => wireBytes))),
    payloadBytes: files * bytesEach,
    completed: samples.filter(({ isComplete }) => isComplete).length,
    runs: samples.length
  }
}
