import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { parquetBytes } from '../dataset/parquet-files.ts'
import { startProxy } from '../support/proxy.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import type { Table } from '../../src/interface/table.ts'
import type { Proxy } from '../support/proxy.ts'

const [columns, groups, groupRows] = [20, 24, 4_500]

/** Numbers that do not compress, so that all columns have the same bytes. */
function wideParquet (): Uint8Array {
  const values = (seed: number): Float64Array => {
    const bits = Uint32Array.from({ length: 2 * groups * groupRows }, (_, at) => Math.imul(at + seed * 7_919, 2_654_435_761) & 0xbfefffff)
    return new Float64Array(bits.buffer)
  }
  const columnData = Array.from({ length: columns }, (_, at) => ({ name: `c${at}`, data: values(at), nullable: false }))
  return parquetBytes(columnData, { rowGroupSize: groupRows, codec: 'UNCOMPRESSED', statistics: false })
}

describe('columns in small row groups of a table that somebody else has', () => {
  const nodes: DataNode[] = []
  const bytes = wideParquet()
  let proxy: Proxy
  let table: Table

  beforeAll(async () => {
    const publisher = await createDataNode({ home: ':memory:', privateKey: 'generate', listen: ['/ip4/127.0.0.1/tcp/0'] })
    nodes.push(publisher)
    await using version = await publisher.datasets.publish({ name: 'wide', version: '1.0.0', chunking: 'content-defined', files: [{ name: 'a.parquet', bytes }] })
    proxy = await startProxy({ target: Number(/\/tcp\/(\d+)/.exec(publisher.multiaddrs[0] ?? '')?.[1]), oneWayDelayMs: 20 })
    const reader = await createDataNode({ home: ':memory:', privateKey: 'generate', routers: [`${publisher.address}@127.0.0.1:${proxy.port}`] })
    nodes.push(reader)
    await reader.ready()
    table = await (await reader.datasets.open(version.ticket)).table('data/a.parquet')
  }, 60_000)

  afterAll(async () => {
    await Promise.all(nodes.map(async node => { await node.stop() }))
    await proxy.stop()
  })

  it('brings one of twenty for less than a tenth of the bytes, and in fewer turns than there are row groups', async () => {
    const before = proxy.stats()
    let rows = 0
    for await (const row of table.rows({ columns: ['c7'] })) rows += Object.keys(row).length
    expect(rows).toBe(groups * groupRows)
    const { downBytes, directionChanges } = proxy.stats()
    expect((downBytes - before.downBytes) / bytes.byteLength).toBeLessThan(0.1)
    // Of a request at a time there would be two for each.
    expect(directionChanges - before.directionChanges).toBeLessThan(groups)
  })

  it('brings nothing between two that are far apart, and nothing twice', async () => {
    const before = proxy.stats().downBytes
    expect(await Array.fromAsync(table.rows({ columns: ['c7', 'c1', 'c18'] }))).toHaveLength(groups * groupRows)
    const two = proxy.stats().downBytes - before
    expect(two / bytes.byteLength).toBeLessThan(0.16)
    expect(await Array.fromAsync(table.rows({ columns: ['c1', 'c18'] }))).toHaveLength(groups * groupRows)
    expect(proxy.stats().downBytes - before - two).toBeLessThan(10_000)
  })
})
