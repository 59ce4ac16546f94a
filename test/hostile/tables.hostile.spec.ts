import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { DataNodeError } from '../../src/errors.ts'
import { openTable } from '../../src/dataset/table.ts'
import { memorySource } from '../../src/dataset/table-source.ts'
import { parquetBytes } from '../dataset/parquet-files.ts'
import { Random } from '../faults/random.ts'
import { Mutator } from './fuzz/mutate.ts'

const seed = process.env['FUZZ_SEED'] ?? (process.env['CI'] === undefined ? String(Date.now()) : '1')
const inputs = Number.parseInt(process.env['FUZZ_INPUTS'] ?? '50000', 10) / 25
const mebibyte = 2 ** 20

const columns = (): Parameters<typeof parquetBytes>[0] => [
  { name: 'a', data: Array.from({ length: 90 }, (_, n) => n % 7 === 0 ? null : n % 20), type: 'INT32' },
  { name: 'b', data: Array.from({ length: 90 }, (_, n) => `é ${n % 9}`), type: 'STRING' },
  { name: 'c', data: BigInt64Array.from(Array.from({ length: 90 }, (_, n) => BigInt(n))), encoding: 'DELTA_BINARY_PACKED' },
  { name: 'd', data: Array.from({ length: 90 }, (_, n) => n / 3), type: 'DOUBLE', encoding: 'BYTE_STREAM_SPLIT' },
  { name: 'e', data: Array.from({ length: 90 }, (_, n) => n % 2 === 0), type: 'BOOLEAN' }
]
const compressors = {
  GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)),
  ZSTD: (bytes: Uint8Array) => new Uint8Array(zstdCompressSync(bytes))
}
const codecs = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD'] as const
const text = (text: string): Uint8Array => new TextEncoder().encode(text)

const samples: Record<string, Uint8Array[]> = {
  'a.parquet': codecs.map(codec => parquetBytes(columns(), { codec, compressors, rowGroupSize: 40 })),
  'a.csv': [text('\ufeffid,"q, r"\r\n1,"a\nb"\r\n2,\r\n'), text('a\n1\n2\n'), text('a,b,c\n"","""",x\n')],
  'a.tsv': [text('id\tq\n1\t"a\tb"\n2\tx\n')],
  'a.jsonl': [text('{"a":1,"b":[null,{"c":"é"}]}\n{"a":9007199254740993}\n'), text('{"a":1e308}\n{}\n{"a":-0.0}')]
}

/** What comes of a table of which some is read, and then all, by conditions too. */
async function outcomeOf (path: string, bytes: Uint8Array): Promise<string> {
  try {
    const table = await openTable(memorySource(path, bytes))
    const [first] = table.fields
    const where = first === undefined ? {} : { [first.name]: { gte: 1 } }
    await Array.fromAsync(table.rows({ where, limit: 5, offset: 1 }))
    await Array.fromAsync(table.rows())
    await Array.fromAsync(table.diff(table).rows())
    return 'read'
  } catch (error) {
    if (error instanceof DataNodeError) return error.name
    throw error
  }
}

describe('a table that is made from a valid one', () => {
  it.each(Object.entries(samples))('is read as %s, or refused by a typed error, in bounded memory', { timeout: 600_000 }, async (path, valid) => {
    console.log(`FUZZ_SEED=${seed}`)
    const mutator = new Mutator(new Random(path, seed), valid)
    const outcomes = new Map<string, number>()
    let bytesMost = 0
    const bytesBefore = process.memoryUsage.rss()
    for (let n = 0; n < inputs; n++) {
      const bytes = mutator.next()
      const outcome = await outcomeOf(path, bytes).catch((cause: unknown) => {
        throw new Error(`FUZZ_SEED=${seed}, input ${n} of ${path}: ${Buffer.from(bytes).toString('hex')}`, { cause })
      })
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      bytesMost = Math.max(bytesMost, process.memoryUsage.rss() - bytesBefore)
    }
    expect([...outcomes.keys()].filter(name => !['read', 'InvalidTableError', 'LimitExceededError'].includes(name))).toEqual([])
    expect(Math.min(outcomes.get('read') ?? 0, outcomes.get('InvalidTableError') ?? 0)).toBeGreaterThan(inputs / 100)
    expect(bytesMost).toBeLessThan(600 * mebibyte)
  })
})
