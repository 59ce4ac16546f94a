/**
 * One big file, from one process to another, on a connection and stream that carried a smaller one before. `stored`: verified
 * and held on disk when the clock stops; else in memory, and from the gateway not verified. Each run has a new client, and those
 * that are compared take turns. At an RTT of 0 nothing stands between the two sides; other RTTs are made by a proxy. What takes
 * longer than the deadline is cut off, and its row says how many bytes came, and their rate. `readMbPerSecond`: a larger file that
 * is opened and read no faster than that, to see what both sides keep in memory for a reader who is slow.
 */
import { implementations } from './implementations.ts'
import { startLinks } from './link.ts'
import { say, sayFailures } from './options.ts'
import { withScope } from './scope.ts'
import { median, rounded } from './statistics.ts'
import type { Implementation, Peer } from './implementations.ts'
import type { BenchOptions } from './options.ts'
import type { FetchItem, Impl } from './peer.ts'

/** One line of the table. */
export interface LargeRow {
  impl: Impl
  /** Of the file; when it was cut off, those that came. */
  bytes: number
  rttMs: number
  stored: boolean
  mbPerSecond: number
  /** Both directions, on the side that fetches. */
  wireBytes: number
  payloadBytes: number
  /** Of the side whose memory grew more. */
  peakRssMiB: number
  /** How much more that is than before the transfer. */
  grownMiB: number
  completed: number
  runs: number
  /** Only where it was read slowly. */
  readMbPerSecond?: number
}

/** What can be measured. */
export interface LargeOptions extends BenchOptions {
  bytes?: number
  /** Of the file that is read slowly. */
  slowBytes?: number
  rttsMs?: readonly number[]
}

interface Cell {
  stored: boolean
  rttMs: number
  deadlineMs: number
  readBytesPerSecond?: number
}

/** Something that is compared, and what is fetched from it. */
interface Subject {
  implementation: Implementation
  server: Peer
  file: FetchItem
  warmUp: FetchItem
}

/** One line before it is made. */
interface Series {
  subject: Subject
  cell: Cell
  samples: Sample[]
}

interface Sample {
  payloadBytes: number
  mbPerSecond: number
  wireBytes: number
  peakRssMiB: number
  grownMiB: number
  isComplete: boolean
}

const mebibyte = 1024 * 1024
const warmUpPart = 8
const slowBytesPerSecond = 80e6
/** Beyond the time that reading so slowly takes. */
const slowSlackMs = 60_000

export async function large (options: LargeOptions): Promise<LargeRow[]> {
  const { bytes = 256 * mebibyte, slowBytes = 4096 * mebibyte, rttsMs = [0, 50, 200], deadlineMs = 8_000 } = options
  return await withScope(async (scope) => {
    const rows: LargeRow[] = []
    const subjects: Subject[] = []
    for (const implementation of implementations(options.only)) {
      const server = await implementation.server(scope, 1)
      subjects.push({ implementation, server, file: await publish(server, bytes), warmUp: await publish(server, Math.ceil(bytes / warmUpPart)) })
    }
    const series = subjects.flatMap(subject => rttsMs.flatMap(rttMs =>
      subject.implementation.stored.map((stored): Series => ({ subject, cell: { stored, rttMs, deadlineMs }, samples: [] }))))
    for (const rttMs of rttsMs) await takeTurns(series.filter(({ cell }) => cell.rttMs === rttMs), options.runs)
    for (const subject of subjects) {
      rows.push(...series.filter(one => one.subject === subject).map(rowOf))
      if (subject.implementation.impl === 'datanode') rows.push(await readSlowly(subject, slowBytes))
    }
    return rows
  })
}

/** What this machine can do changes from minute to minute: those that are compared are measured one after the other, again and again. */
async function takeTurns (series: readonly Series[], runs: number | undefined): Promise<void> {
  for (let run = 0, isLeft = true; isLeft; run++) {
    isLeft = false
    for (const { subject, cell, samples } of series) {
      if (run >= runsOf(subject.implementation, runs) || samples.at(-1)?.isComplete === false) continue
      say(`large: ${subject.implementation.impl}, RTT ${cell.rttMs} ms, ${cell.stored ? 'on disk' : 'in memory'}`)
      samples.push(await measure(subject, cell))
      isLeft = true
    }
  }
}

async function readSlowly (subject: Subject, bytes: number): Promise<LargeRow> {
  say(`large: ${subject.implementation.impl}, ${bytes} bytes, read slowly`)
  const deadlineMs = bytes / slowBytesPerSecond * 1000 + slowSlackMs
  const cell = { stored: true, rttMs: 0, deadlineMs, readBytesPerSecond: slowBytesPerSecond }
  const sample = await measure({ ...subject, file: await publish(subject.server, bytes) }, cell)
  return { ...rowOf({ subject, cell, samples: [sample] }), readMbPerSecond: slowBytesPerSecond / 1e6 }
}

function runsOf ({ impl }: Implementation, runs = 3): number {
  return impl === 'helia' || impl === 'kubo-bitswap' ? Math.ceil(runs / 3) : runs
}

async function publish (server: Peer, bytes: number): Promise<FetchItem> {
  return { ref: await server.publish(0, { seed: `large-${bytes}`, files: 1, bytesEach: bytes }), payloadBytes: bytes, from: server.addresses }
}

async function measure ({ implementation, server, file, warmUp }: Subject, { stored, rttMs, ...how }: Cell): Promise<Sample> {
  return await withScope(async (scope) => {
    const client = await implementation.client(scope, stored)
    const links = rttMs === 0 ? undefined : await startLinks(scope, file.from, { rttMs })
    const from = links?.addresses ?? file.from
    await client.fetch({ items: [{ ...warmUp, from }], isCold: false, deadlineMs: how.deadlineMs })
    const sides = [server, client]
    for (const side of sides) await side.forgetPeak()
    const base = await Promise.all(sides.map(side => side.memory()))
    const before = await links?.bytes() ?? 0
    const report = await client.fetch({ items: [{ ...file, from }], isCold: false, ...how, countWireBytes: links === undefined })
    const peak = await Promise.all(sides.map(side => side.memory()))
    const [fetched] = report.fetched
    if (fetched === undefined) throw new RangeError('Nothing was fetched')
    sayFailures([fetched])
    const grown = peak.map(({ peakMiB }, i) => ({ peakMiB, grownMiB: peakMiB - (base[i]?.nowMiB ?? 0) }))
    const most = grown.reduce((most, side) => side.grownMiB > most.grownMiB ? side : most)
    return {
      payloadBytes: fetched.payloadBytes,
      mbPerSecond: fetched.payloadBytes / fetched.ms / 1000,
      wireBytes: links === undefined ? report.wireBytes ?? 0 : await links.bytes() - before,
      peakRssMiB: most.peakMiB,
      grownMiB: most.grownMiB,
      isComplete: fetched.isComplete
    }
  })
}

function rowOf ({ subject: { implementation: { impl } }, cell: { stored, rttMs }, samples }: Series): LargeRow {
  const middle = (of: (sample: Sample) => number): number => median(samples.map(of))
  const bytes = Math.round(middle(({ payloadBytes }) => payloadBytes))
  return {
    impl,
    bytes,
    rttMs,
    stored,
    mbPerSecond: rounded(middle(({ mbPerSecond }) => mbPerSecond)),
    wireBytes: Math.round(middle(({ wireBytes }) => wireBytes)),
    payloadBytes: bytes,
    peakRssMiB: rounded(Math.max(...samples.map(({ peakRssMiB }) => peakRssMiB))),
    grownMiB: rounded(Math.max(...samples.map(({ grownMiB }) => grownMiB))),
    completed: samples.filter(({ isComplete }) => isComplete).length,
    runs: samples.length
  }
}
