import { createHash } from 'node:crypto'
import { tableFormat } from './describe-table.ts'
import type { ImportedContent, ImportedFile } from '../bundle/publish.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { AbortOptions } from '../interface/primitives.ts'

const [lineFeed, carriageReturn] = [0x0a, 0x0d]

/** A file of the version before. */
export interface EarlierFile {
  path: string
  /** Content bytes. */
  size: bigint
}

/**
 * True when a table of text is as it was, but for rows that came after the ones before: all of its bytes are the first ones of
 * the next one, and the last row ends where they do. Both are read, as far as the one before goes.
 */
export async function hasGrown (
  previous: Pick<DatasetBundle, 'stream'>, { path, size }: EarlierFile, next: { file: ImportedFile, content: ImportedContent },
  options: AbortOptions = {}
): Promise<boolean> {
  const format = tableFormat(path)
  if (format === undefined || format === 'parquet' || next.file.bytes <= size) return false
  const length = Number(size)
  const before = await read(previous.stream(path, options))
  const after = await read(next.content.read(next.file, { ...options, offset: 0, length }))
  if (before.sha256 !== after.sha256) return false
  if (before.last === undefined || before.last === lineFeed) return true
  const [following] = await Array.fromAsync(next.content.read(next.file, { ...options, offset: length, length: 1 }))
  return following?.[0] === lineFeed || following?.[0] === carriageReturn
}

async function read (pieces: AsyncIterable<Uint8Array>): Promise<{ sha256: string, last: number | undefined }> {
  const hash = createHash('sha256')
  let last: number | undefined
  for await (const piece of pieces) {
    hash.update(piece)
    last = piece.at(-1) ?? last
  }
  return { sha256: hash.digest('hex'), last }
}
