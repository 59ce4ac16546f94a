/**
 * Many miners each hand a bundle with one big file to one router at once. All miners run in one process (Kubo's in a few daemons,
 * ten miners each), the router in one of its own; what it gets is held on disk where an implementation can. The lag is what the
 * 99th percentile of the events of the router's process had to wait.
 */
import { handOver, publishAtEach } from './hand-over.ts'
import { implementations } from './implementations.ts'
import { say } from './options.ts'
import { withScope } from './scope.ts'
import { median, rounded } from './statistics.ts'
import type { Handed } from './hand-over.ts'
import type { Implementation } from './implementations.ts'
import type { BenchOptions } from './options.ts'
import type { Impl } from './peer.ts'

/** One line of the table. */
export interface FanInRow {
  impl: Impl
  miners: number
  /** Of the run with the fewest. */
  completed: number
  /** Of the router. */
  peakRssMiB: number
  /** Absent where the router is not JavaScript. */
  lagP99Ms?: number
  /** Until the last was complete or given up. */
  ms: number
}

/** What can be measured. */
export interface FanInOptions extends BenchOptions {
  miners?: number
  bytesEach?: number
}

interface Sample {
  completed: number
  peakRssMiB: number
  lagP99Ms: number | undefined
  ms: number
}

const mebibyte = 1024 * 1024

export async function fanIn (options: FanInOptions): Promise<FanInRow[]> {
  const { miners = 30, bytesEach = 64 * mebibyte, runs = 1 } = options
  const rows: FanInRow[] = []
  for (const implementation of implementations(options.only)) {
    await withScope(async (scope) => {
      say(`fan-in: ${implementation.impl} publishes`)
      const server = await implementation.server(scope, miners)
      const handed = await publishAtEach(server, server.addresses, { seed: 'fan-in', bytesEach })
      const samples: Sample[] = []
      for (let run = 0; run < runs; run++) {
        say(`fan-in: ${implementation.impl}, ${miners} miners`)
        samples.push(await measure(implementation, handed, options.deadlineMs ?? deadlineOf(implementation)))
      }
      rows.push(rowOf(implementation, miners, samples))
    })
  }
  return rows
}

/** The one that never ends must not take all the time there is. */
function deadlineOf ({ impl }: Implementation): number {
  return impl === 'helia' ? 45_000 : 120_000
}

async function measure (implementation: Implementation, handed: Handed, deadlineMs: number): Promise<Sample> {
  return await withScope(async (scope) => {
    const router = await implementation.client(scope, implementation.stored.includes(true))
    const { fetched, lagP99Ms } = await handOver(router, [handed], deadlineMs)
    return {
      completed: fetched.filter(({ isComplete }) => isComplete).length,
      peakRssMiB: (await router.memory()).peakMiB,
      lagP99Ms,
      ms: Math.max(...fetched.map(({ ms }) => ms))
    }
  })
}

function rowOf ({ impl }: Implementation, miners: number, samples: readonly Sample[]): FanInRow {
  const lags = samples.flatMap(({ lagP99Ms }) => lagP99Ms ?? [])
  return {
    impl,
    miners,
    completed: Math.min(...samples.map(({ completed }) => completed)),
    peakRssMiB: rounded(Math.max(...samples.map(({ peakRssMiB }) => peakRssMiB))),
    ...(lags.length === 0 ? {} : { lagP99Ms: rounded(median(lags)) }),
    ms: Math.round(median(samples.map(({ ms }) => ms)))
  }
}
