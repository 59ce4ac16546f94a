import { CID } from 'multiformats/cid'
import { FileNotFoundError } from '../../src/errors.ts'
import { cidOfContent } from '../../src/dataset/content-cid.ts'
import { loadHyparquetWriter } from '../../src/dataset/parquet-package.ts'
import { parquetStream } from '../../src/dataset/parquet-stream.ts'
import { lineagePath } from '../../src/dataset/appended-parts.ts'
import { memorySource } from '../../src/dataset/table-source.ts'
import { openTable } from '../../src/dataset/table.ts'
import { encodeRowLineage } from '../../src/format/row-lineage.ts'
import { miner, root } from '../audit/fixtures.ts'
import { resultOf } from './fixtures.ts'
import type { AppendColumn, RowLineage } from '../../src/interface/append.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'
import type { JsonValue } from '../../src/interface/primitives.ts'
import type { FileSource } from '../../src/interface/source.ts'

/** Rows that came from one result: its number, which is its miner's too, and their texts. */
export type Came = readonly [n: number, texts: readonly string[]]

export const columns: readonly AppendColumn[] = [{ name: 'text', type: 'sc:Text' }, { name: 'n', type: 'sc:Integer', nullable: true }]

/** Number of a miner. */
export function numberOf (miner: string): number {
  return Number.parseInt(miner.slice(2, 4), 16)
}

/** Where rows of a result came from, when the publisher had it. */
export function lineOf (n: number, place: Pick<RowLineage, 'path' | 'rowGroup' | 'from' | 'to'>): RowLineage {
  const { root: result, answers, task } = resultOf(n)
  return { ...place, result, miner: miner(n), model: `model ${n}`, task, answers }
}

/** Files of a table of appended rows, row group by row group. */
export async function partFiles (path: string, groups: readonly (readonly Came[])[]): Promise<Map<string, Uint8Array>> {
  const rows = groups.map(group => group.flatMap(([n, texts]) => texts.map((text): JsonValue[] => [text, String(n)])))
  const writer = await loadHyparquetWriter()
  const pieces = await Array.fromAsync(parquetStream(writer, columns, (async function * () { yield * rows })()))
  const lines = groups.flatMap((group, rowGroup) => {
    let from = 0
    return group.map(([n, texts]) => encodeRowLineage(lineOf(n, { path, rowGroup, from, to: from += texts.length })))
  })
  return new Map([[path, new Uint8Array(Buffer.concat(pieces))], [lineagePath(path), Buffer.from(lines.join(''))]])
}

/** A version in memory. */
export function versionOf (files: ReadonlyMap<string, Uint8Array>, manifest: object = {}): DatasetBundle {
  const bytes = async (path: string): Promise<Uint8Array> => {
    const found = files.get(path)
    if (found === undefined) throw new FileNotFoundError(`${path} is not there`)
    return await Promise.resolve(found)
  }
  const version = {
    cid: root('version'), urn: 'u', name: '0x/qa@1.0.0', statements: [], manifest: { name: 'qa', datasetVersion: '1.0.0', publisher: '0x', ...manifest },
    bytes,
    stream: async function * (path: string) { yield await bytes(path) },
    file: async (path: string) => await bytes(path),
    table: async (path: string) => await openTable(memorySource(path, await bytes(path))),
    files: async function * () {
      for (const [path, content] of [...files].sort(([a], [b]) => a < b ? -1 : 1)) {
        if (path.startsWith('data/')) yield { path, type: 'file', cid: CID.parse(await cidOfContent(content, {})) }
      }
    },
    close: async () => { await Promise.resolve() }
  }
  return version as unknown as DatasetBundle
}

/** What files of a new version hold, by their paths. */
export async function contentOf (sources: readonly FileSource[]): Promise<Map<string, Uint8Array>> {
  return new Map(await Promise.all(sources.map(async source => {
    const content = 'stream' in source ? Buffer.concat(await Array.fromAsync(source.stream)) : 'bytes' in source ? source.bytes : new Uint8Array()
    return [`data/${source.name}`, new Uint8Array(content)] as const
  })))
}

/** The texts of a table. */
export async function textsOf (version: DatasetBundle, path: string): Promise<string[]> {
  return await Array.fromAsync((await version.table(path)).rows(), ({ text }) => text as string)
}
