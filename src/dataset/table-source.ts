import type { AbortOptions } from '../interface/primitives.ts'
import type { ReadOptions } from '../interface/read.ts'
import type { DatasetFile, FileBlock } from '../interface/table.ts'

/** Bytes of a file in which a table is: of a bundle here or elsewhere, or of anything else that has them. */
export interface TableSource {
  /** Path of the file, which says by its end what it is. */
  path: string
  /** Bytes in all. */
  size: number
  /** Gives exactly these bytes. */
  bytes(range: ByteRange, options?: AbortOptions): Promise<Uint8Array>
  /** Names the blocks that hold its bytes, where it is in blocks. */
  blocks?(options?: AbortOptions): AsyncIterable<FileBlock>
  /** Gives all bytes, or a part, in their order. */
  stream(options?: ReadOptions): AsyncIterable<Uint8Array>
}

/** Bytes from the first one up to, and without, the last. */
export interface ByteRange {
  start: number
  end: number
}

/** The bytes of a file of a dataset. */
export function fileSource (file: DatasetFile): TableSource {
  return {
    path: file.path,
    size: file.size,
    bytes: async ({ start, end }, options) => {
      const length = end - start
      return await file.bytes({ ...options, offset: start, length, bytesMax: length })
    },
    blocks: options => file.blocks(options),
    stream: options => file.stream(options)
  }
}

/** The bytes of a table that is in memory. */
export function memorySource (path: string, bytes: Uint8Array): TableSource {
  return {
    path,
    size: bytes.byteLength,
    bytes: async ({ start, end }) => bytes.subarray(start, end),
    stream: async function * ({ offset = 0, length = bytes.byteLength } = {}) { yield bytes.subarray(offset, offset + length) }
  }
}
