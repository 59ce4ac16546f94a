import { proveRow } from './prove-row.ts'
import { readTableLineage } from './table-lineage.ts'
import { fileSource } from './table-source.ts'
import { openTable } from './table.ts'
import type { TableReader } from '../interface/table-reader.ts'

/** Opens tables of datasets, says where their rows came from, and proves rows of them, for their handles. */
export const tableReader: TableReader = {
  open: async (file, options) => await openTable(fileSource(file), options),
  lineage: readTableLineage,
  prove: proveRow
}
