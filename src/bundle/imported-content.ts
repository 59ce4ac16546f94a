import { readerOf } from './dag-reader.ts'
import { readFile } from './file.ts'
import type { ImportedFile } from './imported-files.ts'
import type { ReadOptions } from '../interface/bundle.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader } from '../interface/store.ts'

/** Reads what was imported a moment ago and is published to nobody yet. */
export interface ImportedContent {
  /** A whole file, or a part of it, piece by piece. */
  read: (file: ImportedFile, options?: ReadOptions) => AsyncIterable<Uint8Array>
}

/** Reads imported files where their blocks are. */
export function importedContent (blocks: Pick<BlockReader, 'get'>, { signal }: AbortOptions): ImportedContent {
  const reader = readerOf(blocks)
  return {
    read: ({ cid, bytes }, options = {}) =>
      readFile(reader, { cid, position: [], size: Number(bytes) }, { ...options, signal: options.signal ?? signal })
  }
}
