/**
 * One big file, from one process to another, on a connection and stream that carried a smaller one before. `stored`: verified
 * and held on disk when the clock stops; else in memory, and from the gateway not verified. Each run has a new client. At an RTT
 * of 0 nothing stands between the two sides; other RTTs are made by a proxy. What takes longer than the deadline is cut off, and
 * its row says how many bytes came, and their rate. `readMbPerSecond`: a larger file that is opened and read no faster than that,
 * to see what both sides keep in memory for a reader who is slow.
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
  const rows: LargeRow[] = []
  for (const implementation of implementations(options.only)) {
    await withScope(async (scope) => {
      const server = await implementation.server(scope, 1)
      const [file, warmUp] = [await publish(server, bytes), await publish(server, Math.ceil(bytes / warmUpPart))]
      for (const rttMs of rttsMs) {
        for (const stored of implementation.stored) {
          const cell = { stored, rttMs, deadlineMs }
          const samples: Sample[] = []
          for (let run = 0; run < runsOf(implementation, options.runs); run++) {
            say(`large: ${implementation.impl}, RTT ${rttMs} ms, ${stored ? 'on disk' : 'in memory'}`)
            samples.push(await measure(implementation, server, { file, warmUp }, cell))
            if (samples.at(-1)?.isComplete === false) break
          }
          rows.push(rowOf(implementation, cell, samples))
        }
      }
      if (implementation.impl === 'datanode') rows.push(await readSlowly(implementation, server, { bytes: slowBytes, warmUp }))
    })
  }
  return rows
}

async function readSlowly (
  implementation: Implementation, server: Peer, { bytes, warmUp }: { bytes: number, warmUp: FetchItem }
): Promise<LargeRow> {
  say(`large: ${implementation.impl}, ${bytes} bytes, read slowly`)
  const deadlineMs = bytes / slowBytesPerSecond * 1000 + slowSlackMs
  const cell = { stored: true, rttMs: 0, deadlineMs, readBytesPerSecond: slowBytesPerSecond }
  const sample = await measure(implementation, server, { file: await publish(server, bytes), warmUp }, cell)
  return { ...rowOf(implementation, cell, [sample]), readMbPerSecond: slowBytesPerSecond / 1e6 }
}

function runsOf ({ impl }: Implementation, runs = 3): number {
  return impl === 'helia' || impl === 'kubo-bitswap' ? Math.ceil(runs / 3) : runs
}

async function publish (server: Peer, bytes: number): Promise<FetchItem> {
  return { ref: await server.publish(0, { seed: `large-${bytes}`, files: 1, bytesEach: bytes }), payloadBytes: bytes, from: server.addresses }
}

async function measure (
  implementation: Implementation, server: Peer, { file, warmUp }: { file: FetchItem, warmUp: FetchItem }, { stored, rttMs, ...how }: Cell
): Promise<Sample> {
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

function rowOf ({ impl }: Implementation, { stored, rttMs }: Cell, samples: readonly Sample[]): LargeRow {
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
