import { parquetWriteBuffer } from 'hyparquet-writer'
import { pageChunksOf } from '../../src/bundle/page-chunks.ts'
import { writeFile } from '../../src/bundle/unixfs-writer.ts'
import { memorySource } from '../../src/dataset/table-source.ts'
import type { TableSource } from '../../src/dataset/table-source.ts'
import type { AbortOptions } from '../../src/interface/primitives.ts'
import type { FileBlock } from '../../src/interface/table.ts'
import type { CID } from 'multiformats/cid'

type WriteOptions = Parameters<typeof parquetWriteBuffer>[0]

/** Writes a Parquet file by the writer that is not ours. */
export function parquetBytes (columnData: WriteOptions['columnData'], options: Omit<WriteOptions, 'columnData'> = {}): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({ columnData, ...options }))
}

/** Ten thousand rows in ten row groups: a number that grows, text, and one in three that is missing. */
export function numberedParquet (): Uint8Array {
  const rows = Array.from({ length: 10_000 }, (_, n) => n)
  return parquetBytes([
    { name: 'id', data: Int32Array.from(rows), type: 'INT32', nullable: false },
    { name: 'name', data: rows.map(n => `row ${n}`), type: 'STRING', nullable: false },
    { name: 'score', data: rows.map(n => n % 3 === 0 ? null : n / 2), type: 'DOUBLE' }
  ], { rowGroupSize: 1000 })
}

/** Bytes that remember what was asked for. */
export class CountedSource implements TableSource {
  readonly asked: { start: number, end: number }[] = []
  readonly path: string
  readonly size: number
  readonly #bytes: Uint8Array

  constructor (path: string, bytes: Uint8Array) {
    this.path = path
    this.size = bytes.byteLength
    this.#bytes = bytes
  }

  async bytes ({ start, end }: { start: number, end: number }, { signal }: AbortOptions = {}): Promise<Uint8Array> {
    signal?.throwIfAborted()
    this.asked.push({ start, end })
    return this.#bytes.slice(start, end)
  }

  async * stream (): AsyncGenerator<Uint8Array> { yield this.#bytes }
}

/** Bytes in blocks that are cut between pages. */
export class BlockSource extends CountedSource {
  async * blocks (): AsyncGenerator<FileBlock> {
    const found: FileBlock[] = []
    let start = 0
    const onLeaf = async ({ byteLength: size }: Uint8Array, cid: CID): Promise<void> => {
      found.push({ cid, start, size })
      start += size
      await Promise.resolve()
    }
    await writeFile({ put: async () => { await Promise.resolve() } }, this.stream(), { chunks: pageChunksOf, onLeaf })
    yield * found
  }
}

/** Text as a table that comes in pieces of so many bytes. */
export function textSource (path: string, text: string, pieceBytes = 7): TableSource {
  const bytes = new TextEncoder().encode(text)
  return {
    ...memorySource(path, bytes),
    stream: async function * () {
      for (let at = 0; at < bytes.byteLength; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
    }
  }
}
