/**
 * What miners cost a router by being connected. They are nodes of this library in a process of their own, whatever the router is, and
 * come from one address, as many a second as are said. A few are there before anything is measured, so that the router has run all
 * of its code once; the rest is what its resident memory grew by, some seconds after the last one came.
 *
 * Most of that is the young generation of V8: it grows with the first hundred miners and does not shrink again, however many come
 * after them. So routers that run in Node.js are measured a second time, with a bound on it.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { startChild } from './child.ts'
import { implementations } from './implementations.ts'
import { say } from './options.ts'
import { withScope } from './scope.ts'
import { median, rounded } from './statistics.ts'
import type { Implementation } from './implementations.ts'
import type { BenchOptions } from './options.ts'
import type { Impl } from './peer.ts'

/** One line of the table. */
export interface IdleRow {
  impl: Impl
  /** Options of the router's Node.js; empty where it has none. */
  nodeOptions: string
  miners: number
  /** Miners that are connected at the end; of the run with the fewest. */
  connected: number
  /** Miners whose connection was refused or lost at least once; of the run with the most. */
  refused: number
  /** Until all were connected, or given up. */
  ms: number
  mibPerMiner: number
}

/** What can be measured. */
export interface IdleOptions extends BenchOptions {
  miners?: number
  /** Miners that come in one second. */
  perSecond?: number
  /** Milliseconds without anything before memory is read. */
  settleMs?: number
}

/** What the process of the miners can be asked. */
export interface IdleMinersCalls {
  /** Returns the milliseconds that it took. */
  connect: (argument: { router: string, miners: number, perSecond: number }) => number
  refused: (argument: Record<string, never>) => number
  connected: (argument: Record<string, never>) => number
}

type Sample = Omit<IdleRow, 'impl' | 'nodeOptions' | 'miners'>
type Load = Required<Pick<IdleOptions, 'miners' | 'perSecond' | 'settleMs'>>

/** MiB. The young generation is two to three times as large. */
const boundedYoungGeneration = '--max-semi-space-size=16'

/** There before memory is read the first time. */
const firstMiners = 5

export async function idle (options: IdleOptions): Promise<IdleRow[]> {
  const { miners = 300, perSecond = 50, settleMs = 10_000, runs = 1 } = options
  const rows: IdleRow[] = []
  for (const implementation of implementations(options.only).filter(isRouter)) {
    for (const nodeOptions of implementation.impl === 'kubo-bitswap' ? [''] : ['', boundedYoungGeneration]) {
      const samples: Sample[] = []
      for (let run = 0; run < runs; run++) {
        say(`idle: ${implementation.impl} ${nodeOptions}, ${miners} miners`)
        samples.push(await measure(implementation, nodeOptions, { miners, perSecond, settleMs }))
      }
      rows.push({ impl: implementation.impl, nodeOptions, miners, ...summary(samples) })
    }
  }
  return rows
}

function summary (samples: readonly Sample[]): Sample {
  return {
    connected: Math.min(...samples.map(({ connected }) => connected)),
    refused: Math.max(...samples.map(({ refused }) => refused)),
    ms: Math.round(median(samples.map(({ ms }) => ms))),
    mibPerMiner: rounded(median(samples.map(({ mibPerMiner }) => mibPerMiner)), 3)
  }
}

/** The others are no libp2p nodes, or the same one by another door. */
function isRouter ({ impl }: Implementation): boolean {
  return impl === 'datanode' || impl === 'helia' || impl === 'kubo-bitswap'
}

async function measure ({ server }: Implementation, nodeOptions: string, { miners, perSecond, settleMs }: Load): Promise<Sample> {
  return await withScope(async (scope) => {
    const router = await server(scope, 1, nodeOptions === '' ? [] : [nodeOptions])
    const [address = ''] = router.addresses
    const first = startChild<IdleMinersCalls>(scope, 'peers/idle-miners.ts')
    await first.call('connect', { router: address, miners: firstMiners, perSecond })
    await delay(settleMs)
    const before = (await router.memory()).nowMiB
    const rest = startChild<IdleMinersCalls>(scope, 'peers/idle-miners.ts')
    const ms = await rest.call('connect', { router: address, miners, perSecond })
    await delay(settleMs)
    return {
      connected: await rest.call('connected', {}),
      refused: await rest.call('refused', {}),
      ms,
      mibPerMiner: ((await router.memory()).nowMiB - before) / miners
    }
  })
}
