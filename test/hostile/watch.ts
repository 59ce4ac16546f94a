import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Watched } from './calls.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Often enough to see what is held while an attack lasts: each look collects garbage, which holds the process up. */
const lookMs = 250
const lagResolutionMs = 10

const lag = monitorEventLoopDelay({ resolution: lagResolutionMs })
let timer: NodeJS.Timeout | undefined
let base = 0
let peak = 0

/** From here on memory and event loop of this process are watched. */
export async function watch (): Promise<void> {
  clearInterval(timer)
  base = await settled()
  peak = base
  timer = setInterval(() => { peak = Math.max(peak, inUse()) }, lookMs)
  lag.reset()
  lag.enable()
}

/** Bytes in use above those when watching began. */
export async function growth (): Promise<number> {
  return await settled() - base
}

/** What was seen since watching began; it ends here. */
export async function watched (): Promise<Watched> {
  clearInterval(timer)
  lag.disable()
  return await Promise.resolve({ peakBytes: Math.max(0, peak - base), lagMs: Math.max(0, lag.max / 1e6 - lagResolutionMs) })
}

/** Buffers are set free in the background of one collection, and all of them by the next one. */
function inUse (): number {
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** What the first collection sets free may hold something that goes with the second. */
async function settled (): Promise<number> {
  inUse()
  await setImmediate()
  return inUse()
}
