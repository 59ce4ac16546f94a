import { expect, test } from 'vitest'
import { createTestNetwork } from '../../src/testing/index.ts'
import { parquetBytes } from '../dataset/parquet-files.ts'
import type { DataNodeProgress } from '../../src/interface/progress.ts'

const rows = 200_000
const columns = Array.from({ length: 20 }, (_, n) => `column ${n}`)

test('reads one of twenty columns of a remote file for less than a tenth of its bytes, in a few round trips', async () => {
  await using network = await createTestNetwork({ nodes: 2 })
  const [publisher, reader] = network.nodes
  if (publisher === undefined || reader === undefined) throw new Error('there are two')
  const numbers = columns.map((name, at) => ({ name, data: Float64Array.from({ length: rows }, (_, n) => Math.sin(n * (at + 1))) }))
  const bytes = parquetBytes(numbers.map(({ name, data }) => ({ name, data, encoding: 'PLAIN' })), { codec: 'UNCOMPRESSED', rowGroupSize: rows })
  await using published = await publisher.datasets.publish({ name: 'numbers', version: '1.0.0', files: [{ name: 'numbers.parquet', bytes }] })

  const received = new Map<string, number>()
  let requests = 0
  const onProgress = ({ type, detail }: DataNodeProgress): void => {
    if (type === 'datanode:fetch:provider') requests++
    if (type === 'datanode:fetch:progress') received.set(String(requests), detail.bytesDone)
  }
  const opened = await reader.open(published.ticket, { providers: [publisher.address], onProgress })
  try {
    const dataset = opened as typeof published
    const table = await dataset.table('data/numbers.parquet')
    let count = 0
    let isRight = true
    for await (const { 'column 2': value } of table.rows({ columns: ['column 2'] })) isRight &&= value === numbers[2]?.data[count++]
    expect([count, isRight]).toEqual([rows, true])
    const sent = [...received.values()].reduce((sum, bytes) => sum + bytes, 0)
    expect(sent).toBeGreaterThan(bytes.byteLength / 20)
    expect(sent / bytes.byteLength).toBeLessThan(0.1)
    expect(requests).toBeLessThanOrEqual(6)
  } finally {
    await opened.close()
  }
})
