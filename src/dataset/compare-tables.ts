import { checkObject, checkOptions, checkTexts, invalidArgument } from '../format/argument.ts'
import { parquetOf } from './known-parquet.ts'
import { rowChanges } from './row-changes.ts'
import { sharedGroups } from './shared-groups.ts'
import type { SharedGroups } from './shared-groups.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { ColumnChange, RowGroup, Table, TableDiff, TableDiffOptions, TableField } from '../interface/table.ts'

/**
 * Compares two tables, of whatever formats.
 *
 * @throws {@link InvalidArgumentError} when a column of the key is not in both
 */
export function compareTables (before: Table, after: Table, options: TableDiffOptions = {}): TableDiff {
  checkObject(before, 'before')
  checkOptions(options)
  const { key, signal } = options
  // A later line of JSON may have more columns than the first ones, by which it is known.
  const isKnown = before.format !== 'jsonl' && after.format !== 'jsonl'
  const columns = isKnown ? namesOf(before).filter(name => namesOf(after).includes(name)) : undefined
  if (key !== undefined) checkKey(key, columns)
  let shared: Promise<SharedGroups | undefined> | undefined
  const find = async (): Promise<SharedGroups | undefined> => await (shared ??= findShared(before, after, { columns, signal }))
  return {
    fields: compareFields(before.fields, after.fields),
    rows: async function * () {
      const groups = await find()
      const tables = { before: withoutShared(before, groups?.before), after: withoutShared(after, groups?.after) }
      yield * rowChanges({ ...tables, columns, key, signal })
    },
    rowGroups: async () => {
      const groups = await find()
      const of = (table: Table, numbers: readonly number[] | undefined): RowGroup[] =>
        numbers?.flatMap(group => table.rowGroups[group] ?? []) ?? [...table.rowGroups]
      return { added: of(after, groups?.after), removed: of(before, groups?.before), same: groups?.same ?? 0 }
    }
  }
}

/** Row groups that both share; undefined where that cannot be known. */
async function findShared (
  before: Table, after: Table, { columns, signal }: AbortOptions & { columns: readonly string[] | undefined }
): Promise<SharedGroups | undefined> {
  const [left, right] = [parquetOf(before), parquetOf(after)]
  if (left === undefined || right === undefined || columns === undefined) return undefined
  return await sharedGroups(left.file, right.file, columns, { signal })
}

/** A table of these row groups alone; all of it where they are not known. */
function withoutShared (table: Table, groups: readonly number[] | undefined): Pick<Table, 'path' | 'rows' | 'rowCount'> {
  const parquet = parquetOf(table)
  if (groups === undefined || parquet === undefined) return table
  const rowCount = groups.reduce((sum, group) => sum + (table.rowGroups[group]?.rows ?? 0), 0)
  return { path: table.path, rowCount, rows: (options = {}) => parquet.rows(groups, options) }
}

/** Columns that are not the same in both, those of the earlier one first. */
export function compareFields (before: readonly TableField[], after: readonly TableField[]): ColumnChange[] {
  const later = new Map(after.map(field => [field.name, field]))
  const changed = before.flatMap((field): ColumnChange[] => {
    const now = later.get(field.name)
    later.delete(field.name)
    if (now === undefined) return [{ name: field.name, before: field }]
    return isSame(field, now) ? [] : [{ name: field.name, before: field, after: now }]
  })
  return [...changed, ...Array.from(later.values(), field => ({ name: field.name, after: field }))]
}

function isSame (a: TableField, b: TableField): boolean {
  return a.type === b.type && a.nullable === b.nullable && (a.repeated ?? false) === (b.repeated ?? false)
}

function namesOf ({ fields }: Table): string[] {
  return fields.map(({ name }) => name)
}

function checkKey (key: unknown, columns: readonly string[] | undefined): void {
  checkTexts(key, 'key')
  if (key.length === 0) throw invalidArgument('key', 'at least one column', key)
  const missing = key.find(name => columns?.includes(name) === false)
  if (missing !== undefined) throw invalidArgument('key', 'columns that both tables have', missing)
}
