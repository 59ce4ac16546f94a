import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { InvalidTableError } from '../errors.ts'
import { readThrift } from '../format/thrift.ts'
import { parquetPageHeaderBytesMax } from '../limits.ts'
import { checkValues } from './parquet-values.ts'
import { countInRuns } from './parquet-runs.ts'
import type { ChunkMetadata } from './parquet-layout.ts'
import type { Hyparquet } from './parquet-package.ts'
import type { ParquetNode } from './parquet-schema.ts'
import type { ThriftStruct } from '../format/thrift.ts'

/** A page as its header says it is. */
interface Page {
  type: 'dictionary' | 'data' | 'data-2'
  /** Values of it, and those of them that are null where the header says so. */
  values: number
  nulls: number
  encoding: number
  /** Bytes of what is decompressed, once it is. */
  size: number
  isCompressed: boolean
  /** Levels that stand in front of it, and are not compressed. */
  levels: Uint8Array
  repetitionBytes: number
}

const headerValuesMax = 64

/**
 * The pages of one column of a row group. Everything that says how much there is is checked before it is decoded: sizes when it
 * is made, and what is in a page when that is decompressed, in the order of the pages.
 */
export class ParquetPages {
  readonly #leaf: ParquetNode
  readonly #metadata: ChunkMetadata
  readonly #package: Pick<Hyparquet, 'snappyUncompress'>
  readonly #pages: Page[] = []
  #next = 0

  /** @throws {@link InvalidTableError} when the chunk is not made of such pages, or they are not what the footer says of it */
  constructor (hyparquet: Pick<Hyparquet, 'snappyUncompress'>, chunk: Uint8Array, leaf: ParquetNode, metadata: ChunkMetadata) {
    this.#package = hyparquet
    this.#leaf = leaf
    this.#metadata = metadata
    let values = 0
    // What decodes it reads no page in a last single byte.
    for (let at = 0; at < chunk.byteLength - 1;) {
      const header = readThrift(chunk.subarray(at, at + parquetPageHeaderBytesMax), 0, headerValuesMax)
      const start = at + header.end
      at = start + number(header.struct, 3)
      if (at > chunk.byteLength) throw invalid('a page is longer than its column')
      const page = readPage(header.struct, chunk.subarray(start, at))
      if (page.type !== 'dictionary') values += page.values
      this.#add(page, chunk.subarray(start, at))
    }
    if (values !== Number(metadata.num_values)) throw invalid(`a column has ${values} values, and the footer says ${metadata.num_values}`)
  }

  /** Gives the next page as it was before it was compressed. */
  decompress (input: Uint8Array, outputLength: number): Uint8Array {
    const page = this.#pages[this.#next++]
    if (page?.size !== outputLength) throw invalid('pages are not in their order')
    const output = this.#decompress(input, outputLength)
    if (output.byteLength !== outputLength) throw invalid(`a page has ${output.byteLength} bytes, and its header says ${outputLength}`)
    this.#check(page, output)
    return output
  }

  #add (page: Page, bytes: Uint8Array): void {
    if (page.values < 0 || page.nulls < 0 || page.nulls > page.values || page.size < 0) throw invalid('a page has a negative size')
    if (page.values > (page.type === 'dictionary' ? page.size * 8 : Number(this.#metadata.num_values))) {
      throw invalid(`a page says that it has ${page.values} values`)
    }
    if (page.size > Number(this.#metadata.total_uncompressed_size)) throw invalid(`a page of ${page.size} bytes is larger than its column`)
    // What decodes them does so before it decompresses the page.
    this.#checkLevels(page)
    if (page.isCompressed) this.#pages.push(page)
    else this.#check(page, bytes.subarray(page.levels.byteLength))
  }

  #decompress (input: Uint8Array, outputLength: number): Uint8Array {
    const bounded = { maxOutputLength: Math.max(1, outputLength) }
    switch (this.#metadata.codec) {
      case 'UNCOMPRESSED': return input
      case 'SNAPPY': {
        const output = new Uint8Array(outputLength)
        this.#package.snappyUncompress(input, output)
        return output
      }
      case 'GZIP': return gunzipSync(input, bounded)
      case 'BROTLI': return brotliDecompressSync(input, bounded)
      case 'ZSTD': return zstdDecompressSync(input, bounded)
      default: throw invalid(`it is compressed by ${this.#metadata.codec}, which is not read`)
    }
  }

  /** Levels that stand in front of what is compressed. */
  #checkLevels ({ type, levels, repetitionBytes, values: count }: Page): void {
    if (type !== 'data-2') return
    const { repetition, definition } = this.#leaf
    const repeated = { bytes: levels, count, start: 0, end: repetitionBytes, bits: bitsOf(repetition) }
    if (repetition > 0) countInRuns(repeated, repetition)
    const defined = { bytes: levels, count, start: repetitionBytes, end: levels.byteLength, bits: bitsOf(definition) }
    if (definition > 0) countInRuns(defined, definition)
  }

  #check (page: Page, content: Uint8Array): void {
    const { repetition, definition, element } = this.#leaf
    if (page.type === 'dictionary') return
    let at = 0
    let { nulls } = page
    if (page.type === 'data') {
      if (repetition > 0) at = endOfLevels(content, at, { level: repetition, count: page.values }).end
      if (definition > 0) {
        const { end, found } = endOfLevels(content, at, { level: definition, count: page.values })
        at = end
        nulls = page.values - found
      }
    }
    checkValues(content, at, { count: page.values - nulls, encoding: page.encoding, element, isVersion2: page.type === 'data-2' })
  }
}

/** Levels with their length in front of them: where they end, and how many are the highest. */
function endOfLevels (
  bytes: Uint8Array, at: number, { level, count }: { level: number, count: number }
): { end: number, found: number } {
  if (at + 4 > bytes.byteLength) throw invalid('a page ends before its levels')
  const start = at + 4
  const end = start + new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true)
  if (end > bytes.byteLength) throw invalid('levels are longer than their page')
  return { end, found: countInRuns({ bytes, start, end, bits: bitsOf(level), count }, level) }
}

function readPage (header: ThriftStruct, bytes: Uint8Array): Page {
  const [type, size] = [number(header, 1), number(header, 2)]
  const page = { nulls: 0, size, isCompressed: true, levels: bytes.subarray(0, 0), repetitionBytes: 0 }
  if (type === 0) return { ...page, type: 'data', ...valuesOf(struct(header, 5), 2) }
  if (type === 2) return { ...page, type: 'dictionary', ...valuesOf(struct(header, 7), 2) }
  if (type !== 3) throw invalid(`it has a page of type ${type}`)
  const fields = struct(header, 8)
  const [definitionBytes, repetitionBytes] = [number(fields, 5), number(fields, 6)]
  const levelBytes = definitionBytes + repetitionBytes
  if (definitionBytes < 0 || repetitionBytes < 0 || levelBytes > bytes.byteLength) throw invalid('levels are longer than their page')
  return {
    type: 'data-2',
    ...valuesOf(fields, 4),
    nulls: number(fields, 2),
    size: size - levelBytes,
    isCompressed: fields.get(7) !== false,
    levels: bytes.subarray(0, levelBytes),
    repetitionBytes
  }
}

function valuesOf (fields: ThriftStruct, encoding: number): Pick<Page, 'values' | 'encoding'> {
  return { values: number(fields, 1), encoding: number(fields, encoding) }
}

function number (fields: ThriftStruct, id: number): number {
  const value = fields.get(id)
  if (typeof value !== 'number') throw invalid(`the header of a page has no number in field ${id}`)
  return value
}

function struct (fields: ThriftStruct, id: number): ThriftStruct {
  const value = fields.get(id)
  if (!(value instanceof Map)) throw invalid(`the header of a page has nothing in field ${id}`)
  return value
}

function bitsOf (level: number): number {
  return 32 - Math.clz32(level)
}

function invalid (problem: string): InvalidTableError {
  return new InvalidTableError(`A page of a Parquet file is not valid: ${problem}`)
}
