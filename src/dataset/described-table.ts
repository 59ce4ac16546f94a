import type { ImportedFile } from '../bundle/publish.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { ImportedContent } from '../bundle/publish.ts'

/** A column of a table. */
export interface DescribedField {
  name: string
  /** What its values are; `any` where they are of several types, or of none that is known. */
  type: 'text' | 'integer' | 'number' | 'boolean' | 'date' | 'any'
}

/** What is known of a file that is a table. */
export interface DescribedTable {
  fields: readonly DescribedField[]
  /** Absent where the file was not read to its end. */
  rows?: number
}

/** Says what table a file is; undefined when it is none. */
export type DescribeTable = (
  file: ImportedFile, content: ImportedContent, options: AbortOptions
) => Promise<DescribedTable | undefined>
