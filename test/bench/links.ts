/** Slow links in a process of their own. */
import { setTimeout as delay } from 'node:timers/promises'
import { startProxy } from '../support/proxy.ts'
import { serveCalls } from './calls.ts'
import type { Proxy, ProxyStats } from '../support/proxy.ts'

/** What the process can be asked. */
export interface LinkCalls {
  /** Puts a link in front of a port and returns its own. */
  open: (argument: { target: number, oneWayDelayMs: number, bytesPerSecond?: number }) => number
  /** What the links with these ports have carried, in their order. */
  stats: (ports: readonly number[]) => ProxyStats[]
  /** When the links have carried so many bytes down, stops the one that carried most, and returns its port. */
  killFastest: (argument: { ports: readonly number[], afterBytes: number, timeoutMs: number }) => number | null
}

const links = new Map<number, Proxy>()
const lookMs = 5

serveCalls<LinkCalls>({
  open: async ({ target, oneWayDelayMs, bytesPerSecond }) => {
    const link = await startProxy({ target, oneWayDelayMs, ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }) })
    links.set(link.port, link)
    return link.port
  },
  stats: async ports => ports.map(port => linkAt(port).stats()),
  killFastest: async ({ ports, afterBytes, timeoutMs }) => {
    const startedAt = performance.now()
    while (performance.now() < startedAt + timeoutMs) {
      await delay(lookMs)
      const carried = ports.map(port => ({ port, bytes: linkAt(port).stats().downBytes }))
      if (carried.reduce((sum, { bytes }) => sum + bytes, 0) < afterBytes) continue
      const { port } = carried.reduce((most, other) => other.bytes > most.bytes ? other : most)
      await linkAt(port).stop()
      return port
    }
    return null
  }
})

function linkAt (port: number): Proxy {
  const link = links.get(port)
  if (link === undefined) throw new RangeError(`There is no link at port ${port}`)
  return link
}
