import type { ImportedFile } from '../bundle/publish.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { ImportedContent } from '../bundle/publish.ts'

/** A column of a table. */
export interface DescribedField {
  name: string
  /** Data type of Croissant: `sc:` is https://schema.org/. */
  type: 'sc:Boolean' | 'sc:Integer' | 'sc:Float' | 'sc:Text' | 'sc:Date' | 'sc:DateTime' | 'sc:StructuredValue'
  /** True when each row has a list of them. */
  repeated?: boolean
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
