import { PackageMissingError } from '../errors.ts'
import { describedColumnsMax } from '../limits.ts'
import { describeTable } from './describe-table.ts'
import { importedSource } from './row-trees.ts'
import type { DescribedTable } from './described-table.ts'
import type { Hyparquet } from './parquet-package.ts'
import type { ImportedContent, ImportedFile } from '../bundle/publish.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/**
 * Says what columns an imported file has, and how many rows. Parquet is described without them where what reads it is not
 * installed: nobody who publishes needs it. So is a table of more columns than are described.
 *
 * @throws {@link InvalidTableError}, {@link LimitExceededError} when a table is not what its name says, or larger than is read
 */
export async function describeImported (
  file: ImportedFile, content: ImportedContent, options: AbortOptions & { load?: () => Promise<Hyparquet> }
): Promise<DescribedTable | undefined> {
  try {
    const table = await describeTable(importedSource(file, content), options)
    const columns = table?.fields.length ?? 0
    return columns === 0 || columns > describedColumnsMax ? undefined : table
  } catch (error) {
    if (error instanceof PackageMissingError) return undefined
    throw error
  }
}
