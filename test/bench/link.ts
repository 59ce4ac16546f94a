import { startChild } from './child.ts'
import type { ProxyStats } from '../support/proxy.ts'
import type { Child } from './child.ts'
import type { LinkCalls } from './links.ts'
import type { NodeAddress } from './peer.ts'
import type { Scope } from './scope.ts'

/** What a link does to what it carries. */
export interface LinkInit {
  rttMs: number
  bytesPerSecond?: number
}

/** Links in front of nodes, all in one process. */
export interface Links {
  /** Where the nodes are reached over the links. */
  readonly addresses: readonly NodeAddress[]
  /** Bytes carried so far, in both directions. */
  bytes(): Promise<number>
  stats(): Promise<ProxyStats[]>
  /** Stops the link that carried most, once all have carried so many bytes to the side that connects. */
  killFastest(afterBytes: number, timeoutMs: number): Promise<boolean>
}

/** Where the port of an address stands. */
const port = /(\/tcp\/|:)(\d+)/

/** Puts a link in front of each node. */
export async function startLinks (scope: Scope, nodes: readonly NodeAddress[], init: LinkInit | readonly LinkInit[]): Promise<Links> {
  const child: Child<LinkCalls> = startChild<LinkCalls>(scope, 'links.ts')
  const ports = await Promise.all(nodes.map(async (address, i) => {
    const { rttMs, bytesPerSecond } = (Array.isArray(init) ? init[i] : init) as LinkInit
    const target = Number(port.exec(address)?.[2])
    return await child.call('open', { target, oneWayDelayMs: rttMs / 2, ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }) })
  }))
  const stats = async (): Promise<ProxyStats[]> => child.call('stats', ports)
  return {
    addresses: nodes.map((address, i) => address.replace(port, `$1${ports[i]}`)),
    stats,
    bytes: async () => (await stats()).reduce((sum, { upBytes, downBytes }) => sum + upBytes + downBytes, 0),
    killFastest: async (afterBytes, timeoutMs) => await child.call('killFastest', { ports, afterBytes, timeoutMs }) !== null
  }
}
