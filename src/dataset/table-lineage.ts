import { FileNotFoundError } from '../errors.ts'
import { quote } from '../format/quote.ts'
import { lineagePath, partNumber, readRowLineage } from './appended-parts.ts'
import type { RowLineage } from '../interface/append.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { ExplainedDataset } from '../interface/table-reader.ts'

/**
 * Reads where the rows of a table came from, in their order.
 *
 * @throws {@link FileNotFoundError} when the table is not there, or nothing is there that says where its rows came from
 * @throws what reading the lines throws
 */
export async function * readTableLineage (
  dataset: ExplainedDataset, path: string, options: AbortOptions = {}
): AsyncGenerator<RowLineage> {
  await dataset.file(path, options)
  if (partNumber(path) === 0) throw unexplained(path)
  await dataset.file(lineagePath(path), options).catch((error: unknown) => {
    throw error instanceof FileNotFoundError ? unexplained(path, error) : error
  })
  yield * readRowLineage(dataset, path, options)
}

function unexplained (path: string, cause?: unknown): FileNotFoundError {
  return new FileNotFoundError(`Nothing says row by row where those of ${quote(path)} came from: ask for a table that append() wrote`,
    { path, cause })
}
