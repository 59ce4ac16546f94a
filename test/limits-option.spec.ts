import { expect, it, onTestFinished } from 'vitest'
import { createDataNode } from '../src/index.ts'
import type { DataNode, DataNodeInit } from '../src/interface/data-node.ts'

const absent = 'urn:blob:v2:ipfs:bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354'
const listen = ['/ip4/127.0.0.1/tcp/0']

async function start (init: Partial<DataNodeInit> = {}): Promise<DataNode> {
  const node = await createDataNode({ home: ':memory:', privateKey: 'generate', ...init })
  onTestFinished(() => node.stop())
  return node
}

async function outcome (node: DataNode, ref: string, { multiaddrs: providers }: DataNode): Promise<string> {
  return await node.open(ref, { providers }).then(
    async (bundle) => { await bundle.close(); return 'fetched' },
    (error: unknown) => error instanceof Error ? error.name : String(error))
}

it('a node tells a peer that asks more than limits say to come back, and answers others', async () => {
  const server = await start({ listen, limits: { requestsPerSecondPerPeer: 1 } })
  const [client, other] = [await start(), await start()]
  const seen: string[] = []
  for (let n = 0; n < 12; n++) seen.push(await outcome(client, absent, server))
  expect(seen.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 'UnavailableError'))
  expect(seen).toContain('RefusedError')
  expect(await outcome(other, absent, server)).toBe('UnavailableError')
})

it('a node gives a place to no more strangers than limits say, and always to its routers', async () => {
  const router = await start({ listen })
  const server = await start({ listen, routers: router.multiaddrs, limits: { connections: 2 } })
  await server.ready()
  const published = await server.datasets.publish({ name: 'x', version: '1.0.0', files: [{ name: 'x', text: 'x' }] }, { readers: 'anyone' })
  const [first, second] = [await start(), await start()]
  expect(await outcome(first, published.urn, server)).toBe('fetched')
  expect(await outcome(second, published.urn, server)).not.toBe('fetched')
  expect(server.health().routers.map(({ state }) => state)).toEqual(['connected'])
})
