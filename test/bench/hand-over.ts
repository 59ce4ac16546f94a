import { sayFailures } from './options.ts'
import type { Peer } from './implementations.ts'
import type { FetchItem, FetchReport } from './peer.ts'

/** What the nodes of one process hand to a router: one item each. */
export interface Handed {
  items: FetchItem[]
  /** Something small from each of them. */
  greetings: FetchItem[]
}

const greetingBytes = 1000
const greetingTimeoutMs = 10_000

/** Publishes a file at every node, and a small one beside it. The seed tells them from those of other processes. */
export async function publishAtEach (
  server: Peer, addresses: readonly string[], { seed, bytesEach }: { seed: string, bytesEach: number }
): Promise<Handed> {
  const handed: Handed = { items: [], greetings: [] }
  for (const [node, address] of addresses.entries()) {
    const publish = async (bytes: number): Promise<FetchItem> => {
      const ref = await server.publish(node, { seed: `${seed}-${node}-${bytes}`, files: 1, bytesEach: bytes })
      return { ref, payloadBytes: bytes, from: [address] }
    }
    handed.greetings.push(await publish(greetingBytes))
    handed.items.push(await publish(bytesEach))
  }
  return handed
}

/** Miners are connected before they hand over anything: fetches the greetings one by one, and then all items at once. */
export async function handOver (router: Peer, handed: readonly Handed[], deadlineMs: number): Promise<FetchReport> {
  for (const greeting of handed.flatMap(({ greetings }) => greetings)) {
    const { fetched } = await router.fetch({ items: [greeting], isCold: false, deadlineMs: greetingTimeoutMs })
    sayFailures(fetched)
  }
  const report = await router.fetch({ items: handed.flatMap(({ items }) => items), isCold: false, deadlineMs })
  sayFailures(report.fetched)
  return report
}
