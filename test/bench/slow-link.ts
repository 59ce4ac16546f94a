/**
 * Miners on slow links hand a bundle with one file each to a router, beside twenty on fast links (1 MiB/s) that send all the while.
 * The ideal time is that of the file's bytes at the rate of the link. What takes twice the longest of these times is given up.
 */
import { handOver, publishAtEach } from './hand-over.ts'
import { implementations } from './implementations.ts'
import { startLinks } from './link.ts'
import { say } from './options.ts'
import { withScope } from './scope.ts'
import { median } from './statistics.ts'
import type { Implementation } from './implementations.ts'
import type { BenchOptions } from './options.ts'
import type { Fetched, Impl } from './peer.ts'
import type { Scope } from './scope.ts'

/** One line of the table. */
export interface SlowLinkRow {
  impl: Impl
  linkKiBps: number
  /** Miners on such links whose bundle came whole, in the run with the fewest. */
  completed: number
  /** Of so many. */
  miners: number
  idealMs: number
  /** Of the last of them. */
  ms: number
}

/** Miners with links of one kind. */
export interface MinerGroup {
  miners: number
  linkKiBps: number
  bytesEach: number
}

/** What can be measured. */
export interface SlowLinkOptions extends BenchOptions {
  groups?: readonly MinerGroup[]
}

const kibibyte = 1024
const mebibyte = 1024 * kibibyte
const rttMs = 20

const standard: readonly MinerGroup[] = [
  { miners: 1, linkKiBps: 300, bytesEach: 6 * mebibyte },
  { miners: 1, linkKiBps: 20, bytesEach: 384 * kibibyte },
  { miners: 20, linkKiBps: 1024, bytesEach: 20 * mebibyte }
]

export async function slowLink (options: SlowLinkOptions): Promise<SlowLinkRow[]> {
  const { groups = standard, runs = 1 } = options
  const deadlineMs = options.deadlineMs ?? Math.ceil(2 * Math.max(...groups.map(idealMs)))
  const rows: SlowLinkRow[] = []
  for (const implementation of implementations(options.only)) {
    const results: Fetched[][][] = []
    for (let run = 0; run < runs; run++) {
      say(`slow-link: ${implementation.impl}`)
      results.push(await measure(implementation, groups, deadlineMs))
    }
    rows.push(...groups.map((group, i) => rowOf(implementation, group, results.map(result => result[i] ?? []))))
  }
  return rows
}

/** How it went in each group. */
async function measure (implementation: Implementation, groups: readonly MinerGroup[], deadlineMs: number): Promise<Fetched[][]> {
  return await withScope(async (scope) => {
    // Each group is a process: its nodes have nothing in common with those of the others.
    const published = await Promise.all(groups.map(async group => {
      const server = await implementation.server(scope, group.miners)
      const addresses = await linksOf(scope, server.addresses, group)
      return await publishAtEach(server, addresses, { seed: `slow-link-${group.linkKiBps}`, bytesEach: group.bytesEach })
    }))
    const router = await implementation.client(scope, implementation.stored.includes(true))
    const { fetched } = await handOver(router, published, deadlineMs)
    let at = 0
    return published.map(({ items }) => fetched.slice(at, at += items.length))
  })
}

/** Where several nodes are one process that has one connection, its link carries what theirs would. */
async function linksOf (scope: Scope, nodes: readonly string[], { linkKiBps }: MinerGroup): Promise<string[]> {
  const processes = [...new Set(nodes)]
  const links = await startLinks(scope, processes, processes.map(address => ({
    rttMs, bytesPerSecond: linkKiBps * kibibyte * nodes.filter(other => other === address).length
  })))
  return nodes.map(address => links.addresses[processes.indexOf(address)] ?? address)
}

function idealMs ({ bytesEach, linkKiBps }: MinerGroup): number {
  return bytesEach / (linkKiBps * kibibyte) * 1000
}

function rowOf ({ impl }: Implementation, group: MinerGroup, runs: readonly Fetched[][]): SlowLinkRow {
  return {
    impl,
    linkKiBps: group.linkKiBps,
    completed: Math.min(...runs.map(fetched => fetched.filter(({ isComplete }) => isComplete).length)),
    miners: group.miners,
    idealMs: Math.round(idealMs(group)),
    ms: Math.round(median(runs.map(fetched => Math.max(...fetched.map(({ ms }) => ms)))))
  }
}
