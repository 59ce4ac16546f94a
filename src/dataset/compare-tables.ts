import { checkObject, checkOptions, checkTexts, invalidArgument } from '../format/argument.ts'
import { rowChanges } from './row-changes.ts'
import type { ColumnChange, Table, TableDiff, TableDiffOptions, TableField } from '../interface/table.ts'

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
  return {
    fields: compareFields(before.fields, after.fields),
    rows: () => rowChanges({ before, after, columns, key, signal })
  }
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
