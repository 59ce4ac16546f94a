import { createServer } from 'node:http'
import { onTestFinished } from 'vitest'
import { encodeCarHeader } from '../../src/format/car-sections.ts'
import { concat } from '../../src/format/protobuf.ts'
import { sections } from './support.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Block, Dag } from '../format/dags.ts'

/** A web server on loopback. */
export interface WebServer {
  url: string
  /** Paths with their queries, in the order in which they were asked for. */
  asked: string[]
  accepted: (string | undefined)[]
}

export async function startWebServer (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<WebServer> {
  const asked: string[] = []
  const accepted: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    accepted.push(request.headers.accept)
    answer(request, response)
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => { server.close(resolve) })
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, accepted }
}

/** A CAR of a root with these blocks. */
export function carOf ({ root }: Pick<Dag, 'root'>, blocks: readonly Block[]): Uint8Array {
  return concat([encodeCarHeader(root), sections(...blocks)])
}

/** A trustless gateway that has one DAG; `blocks` are what its CAR has, in its order. */
export async function startGateway (dag: Dag, blocks: readonly Block[] = dag.blocks): Promise<WebServer> {
  return await startWebServer(({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://gateway')
    const found = dag.blocks.find(({ cid }) => pathname === `/ipfs/${cid.toString()}`)
    if (found === undefined) response.writeHead(404).end()
    else if (searchParams.get('format') === 'raw') response.end(found.bytes)
    else response.end(carOf(dag, blocks))
  })
}
