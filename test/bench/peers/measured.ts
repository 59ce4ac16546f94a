import { subscribe } from 'node:diagnostics_channel'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Socket } from 'node:net'
import type { Fetched, FetchArgument, FetchItem, FetchReport } from '../peer.ts'

/** What came while something is fetched. */
export interface Measurement {
  signal: AbortSignal
  /** Says how many bytes of the files have come so far. */
  received(payloadBytes: number): void
}

const lagResolutionMs = 5
const sockets = new Set<Socket>()
let closedBytes = 0

/** Fetches all at once; what fails or takes too long is said and not thrown. */
export async function measured (
  { items, deadlineMs }: FetchArgument, fetch: (item: FetchItem, measurement: Measurement) => Promise<void>
): Promise<FetchReport> {
  const lag = monitorEventLoopDelay({ resolution: lagResolutionMs })
  const before = wireBytes()
  lag.enable()
  const fetched = await Promise.all(items.map(async item => one(item, deadlineMs, fetch)))
  lag.disable()
  return { fetched, lagP99Ms: Math.max(0, lag.percentile(99) / 1e6 - lagResolutionMs), wireBytes: wireBytes() - before }
}

/** Counts the bytes of sockets that are opened from now on. */
export function countWireBytes (): void {
  for (const name of ['net.client.socket', 'net.server.socket']) {
    subscribe(name, (message) => {
      const { socket } = message as { socket: Socket }
      sockets.add(socket)
      socket.once('close', () => {
        sockets.delete(socket)
        closedBytes += bytesOf(socket)
      })
    })
  }
}

async function one (
  item: FetchItem, deadlineMs: number, fetch: (item: FetchItem, measurement: Measurement) => Promise<void>
): Promise<Fetched> {
  let payloadBytes = 0
  const controller = new AbortController()
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const reason = new Error(`not complete after ${deadlineMs} ms`)
    controller.abort(reason)
    reject(reason)
  }, deadlineMs)
  const startedAt = performance.now()
  try {
    const done = fetch(item, { signal: controller.signal, received: (bytes) => { payloadBytes = bytes } })
    done.catch(() => {})
    await Promise.race([done, late])
    return { ms: performance.now() - startedAt, payloadBytes: item.payloadBytes, isComplete: true }
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    return { ms: performance.now() - startedAt, payloadBytes, isComplete: false, failure }
  } finally {
    clearTimeout(timer)
    late.catch(() => {})
  }
}

function wireBytes (): number {
  return [...sockets].reduce((sum, socket) => sum + bytesOf(socket), closedBytes)
}

function bytesOf ({ bytesRead, bytesWritten }: Socket): number {
  return bytesRead + bytesWritten
}
