import type { RowLineage } from './append.ts'
import type { AbortOptions } from './primitives.ts'
import type { DatasetFile, ProvableDataset, RowPlace, Table } from './table.ts'

/** A dataset whose files say where rows of others came from. */
export interface ExplainedDataset {
  file(path: string, options?: AbortOptions): Promise<DatasetFile>
  stream(path: string, options?: AbortOptions): AsyncIterable<Uint8Array>
}

/** What is read of the tables of a dataset, for its handle. */
export interface TableReader {
  open(file: DatasetFile, options?: AbortOptions): Promise<Table>
  /** Which rows of a table came from which result. */
  lineage(dataset: ExplainedDataset, path: string, options?: AbortOptions): AsyncIterable<RowLineage>
  /** @param root - the root block of the dataset */
  prove(dataset: ProvableDataset, root: Uint8Array, row: RowPlace, options?: AbortOptions): Promise<Uint8Array>
}
