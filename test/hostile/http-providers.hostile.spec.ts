import { createServer } from 'node:http'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, it, onTestFinished } from 'vitest'
import { encodeCarHeader } from '../../src/format/car-sections.ts'
import { concat } from '../../src/format/protobuf.ts'
import { encodeVarint } from '../../src/format/varint.ts'
import { carHeaderBytesMax } from '../../src/limits.ts'
import { leaf, noise } from '../format/dags.ts'
import { carOf } from '../transfer/http-support.ts'
import { fetchFromLiar, fetchPastLiar } from './misbehaving.ts'
import { attackNode, makeBundle, serveGrowthMax, useStage } from './stage.ts'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Block, Dag } from '../format/dags.ts'

const stage = useStage()

interface HostileServer {
  attack: string
  answer: (response: ServerResponse, dag: Dag) => void | Promise<void>
  error: string | RegExp | undefined
  fault?: RegExp
  isSilent?: boolean
  bytesMax?: number
}

const foreign = leaf('a block of no bundle')
const corrupt = 'CorruptTransferError'
const silent = { error: 'TimedOutError', fault: /sent nothing/, isSilent: true }

const damaged = ({ cid, bytes }: Block): Block => ({ cid, bytes: bytes.map((byte, at) => at === 5 ? byte ^ 1 : byte) })

async function pour (response: ServerResponse, bytes: Uint8Array): Promise<void> {
  const closed = once(response, 'close')
  while (!response.destroyed) {
    if (response.write(bytes)) continue
    const waiting = new AbortController()
    await Promise.race([once(response, 'drain', { signal: waiting.signal }).catch(() => {}), closed])
    waiting.abort()
  }
}

async function drip (response: ServerResponse): Promise<void> {
  while (!response.destroyed) {
    response.write(new Uint8Array(1))
    await setTimeout(1_000, undefined, { ref: false })
  }
}

const rows: HostileServer[] = [
  { attack: 'wrong bytes', answer: (response, dag) => { response.end(carOf(dag, dag.blocks.map((block, at) => at === 3 ? damaged(block) : block))) }, error: corrupt, fault: /do not hash/ },
  { attack: 'blocks in another order', answer: (response, dag) => { response.end(carOf(dag, dag.blocks.toReversed())) }, error: undefined },
  { attack: 'blocks nobody asked for between the others', answer: (response, dag) => { response.end(carOf(dag, dag.blocks.flatMap(block => [foreign, block]))) }, error: undefined },
  { attack: 'a missing block', answer: (response, dag) => { response.end(carOf(dag, dag.blocks.toSpliced(3, 1))) }, error: 'UnavailableError', fault: /did not send block/ },
  { attack: 'another DAG', answer: (response) => { response.end(carOf({ root: foreign.cid }, [foreign])) }, error: 'UnavailableError', fault: /did not send block/ },
  { attack: 'a truncated CAR', answer: (response, dag) => { response.end(carOf(dag, dag.blocks).subarray(0, -100)) }, error: corrupt, fault: /ended inside a section/ },
  { attack: 'a connection that breaks off', answer: (response, dag) => { response.write(carOf(dag, dag.blocks).subarray(0, 400), () => { response.destroy() }) }, error: 'UnavailableError', fault: /broke off/ },
  { attack: 'a stall', answer: (response, dag) => { response.write(carOf(dag, dag.blocks).subarray(0, 400)) }, ...silent },
  { attack: 'a byte a second', answer: async (response) => { await drip(response) }, error: /^(?:TimedOut|CorruptTransfer)Error$/, fault: /sent/, isSilent: true },
  { attack: 'no header of HTTP', answer: () => {}, error: 'TimedOutError', fault: /did not answer/, isSilent: true },
  { attack: 'endless bytes', answer: async (response) => { await pour(response, noise(65_536, 1)) }, error: corrupt, fault: /no CAR/ },
  { attack: 'endless blocks of another DAG', answer: async (response, dag) => { response.write(carOf(dag, [])); await pour(response, carOf(dag, [leaf(noise(200_000, 2))]).subarray(carOf(dag, []).length)) }, error: 'LimitExceededError', fault: /sent more than/, bytesMax: 8 << 20 },
  { attack: 'a compressed bomb', answer: async (response, dag) => { response.setHeader('content-encoding', 'gzip'); await pour(response, gzipSync(concat([encodeCarHeader(dag.root), new Uint8Array(64 << 20)]))) }, error: corrupt, fault: /no CAR/ },
  { attack: 'a huge header of a CAR', answer: (response) => { response.end(concat([encodeVarint(carHeaderBytesMax + 1), noise(10_000, 1)])) }, error: corrupt, fault: /no CAR/ },
  { attack: 'a huge section', answer: (response, dag) => { response.end(concat([encodeCarHeader(dag.root), encodeVarint(2 ** 27), noise(10_000, 1)])) }, error: corrupt, fault: /no CAR/ },
  { attack: 'redirects without end', answer: (response) => { response.writeHead(302, { location: '/again.car' }).end() }, error: 'RefusedError', fault: /redirects more than/ },
  { attack: 'a redirect to a file', answer: (response) => { response.writeHead(302, { location: 'file:///etc/passwd' }).end() }, error: 'RefusedError', fault: /redirects to something/ },
  { attack: 'a page in the place of a CAR', answer: (response) => { response.end('<!doctype html><title>Sign in</title>') }, error: corrupt, fault: /no CAR/ }
]

describe('a provider that speaks HTTP and gives', () => {
  it.each(rows)('$attack is found out, alone and beside an honest one', async (row) => {
    const dag = await makeBundle(stage)
    const url = await startServer(row, dag)

    await attackNode(stage, { attack: `HTTP provider: ${row.attack}`, growthMax: serveGrowthMax }, async (during) => {
      const [happened] = await Promise.all([fetchFromLiar(stage, dag, { ...row, name: url, peer: url }), during()])
      await fetchPastLiar(stage, dag, { ...row, name: url, peer: url })
      return happened
    })
  })
})

async function startServer ({ answer }: HostileServer, dag: Dag): Promise<string> {
  const server = createServer((_, response) => { void answer(response, dag) })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => { server.close(resolve) })
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/some.car`
}
