import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Watched } from './calls.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Often enough to see what is held while an attack lasts: each look collects garbage, which holds the process up. */
const lookMs = 250
const tickMs = 10

let ticking: NodeJS.Timeout | undefined
let base = 0
let peak = 0
let lag = 0

/** Work of which it is known how long it takes: lists of small objects, as most of what a node decodes becomes. */
function control (): number {
  const text = JSON.stringify(Array.from({ length: 10_000 }, (_, at) => ({ name: `entry ${at}`, size: at, path: ['a', 'b', String(at)] })))
  const worked = process.cpuUsage()
  for (let n = 0; n < 5; n++) JSON.parse(text)
  const { user, system } = process.cpuUsage(worked)
  return (user + system) / 1000
}

/** Milliseconds of this process for the control, the least of some tries: the first ones are slow. */
const controlMs = Math.min(...Array.from({ length: 5 }, control))

/** From here on memory and event loop of this process are watched. */
export async function watch (): Promise<void> {
  clearInterval(ticking)
  base = await settled()
  peak = base
  lag = 0
  watchLoop()
}

/** Bytes in use above those when watching began. */
export async function growth (): Promise<number> {
  return await settled() - base
}

/** What was seen since watching began; it ends here. */
export async function watched (): Promise<Watched> {
  clearInterval(ticking)
  return await Promise.resolve({ peakBytes: Math.max(0, peak - base), lagMs: lag, controlMs })
}

/**
 * A tick that is late counts as far as this process worked meanwhile: other processes may have kept it waiting as well. What
 * looking takes is not counted: it is no work of the node.
 */
function watchLoop (): void {
  let at = performance.now()
  let worked = process.cpuUsage()
  let lookAt = at + lookMs
  ticking = setInterval(() => {
    const { user, system } = process.cpuUsage(worked)
    lag = Math.max(lag, Math.min(performance.now() - at - tickMs, (user + system) / 1000))
    if (performance.now() >= lookAt) {
      peak = Math.max(peak, inUse())
      lookAt = performance.now() + lookMs
    }
    at = performance.now()
    worked = process.cpuUsage()
  }, tickMs)
}

function inUse (): number {
  // Buffers are set free in the background of one collection, and all of them by the next one.
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** What the first look sets free may hold something that goes with the second. */
async function settled (): Promise<number> {
  inUse()
  await setImmediate()
  return inUse()
}
