/** Nodes of this library that stay connected to one router and do nothing. */
import { setTimeout } from 'node:timers/promises'
import { createDataNode } from 'cortensor-datanode'
import { serveCalls } from '../calls.ts'
import type { DataNode } from 'cortensor-datanode'
import type { IdleMinersCalls } from '../idle.ts'

const readyTimeoutMs = 60_000
const nodes: DataNode[] = []
/** Numbers of those that a router turned away, or let go. */
const refused = new Set<number>()
let started = 0

serveCalls<IdleMinersCalls>({
  connect: async ({ router, miners, perSecond }) => {
    const startedAt = performance.now()
    const connecting = Array.from({ length: miners }, async (_, i) => {
      await setTimeout(Math.floor(i / perSecond) * 1000)
      const number = ++started
      const logger = (line: string): void => { if (/is not reached|was lost/.test(line)) refused.add(number) }
      const node = await createDataNode({ home: ':memory:', privateKey: 'generate', routers: [router], logger })
      nodes.push(node)
      await node.ready({ signal: AbortSignal.timeout(readyTimeoutMs) })
    })
    await Promise.allSettled(connecting)
    return performance.now() - startedAt
  },
  refused: async () => refused.size,
  connected: async () => nodes.filter(node => node.health().routers.every(({ state }) => state === 'connected')).length
}, async () => { await Promise.all(nodes.map(node => node.stop())) })
