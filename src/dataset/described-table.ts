import type { ImportedContent, ImportedFile } from '../bundle/publish.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { TableField } from '../interface/table.ts'

/** What is known of a file that is a table. */
export interface DescribedTable {
  fields: readonly Pick<TableField, 'name' | 'type' | 'repeated'>[]
  /** Absent where the file was not read to its end. */
  rows?: number
}

/** Says what table a file is; undefined when it is none. */
export type DescribeTable = (
  file: ImportedFile, content: ImportedContent, options: AbortOptions
) => Promise<DescribedTable | undefined>
