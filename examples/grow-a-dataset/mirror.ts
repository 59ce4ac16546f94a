// A mirror: holds a dataset that it knows by its name, and each version that comes. Of a new one it fetches what it has not.
import { createDataNode } from 'cortensor-datanode'
import { next, say } from '../support/host.ts'
import type { Held, MirrorStart } from './start.ts'

const { home, privateKey, listen, routers, dataset } = await next<MirrorStart>('start')
const node = await createDataNode({ home, privateKey, listen, routers })
process.once('SIGINT', () => void node.stop())
await node.ready({ signal: AbortSignal.timeout(20_000) })

let before = 0
const mirror = await node.datasets.mirror(dataset, {
  intervalMs: 250,
  onVersion: ({ version }) => {
    const { bytes } = node.health().disk.held
    say(`held-${version}`, { bytes: bytes - before } satisfies Held)
    before = bytes
  }
})

await next('stop')
await mirror.stop()
await node.stop()
