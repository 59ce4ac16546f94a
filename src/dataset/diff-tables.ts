import type { CroissantTable } from './read-croissant.ts'
import type { FieldChange, FileRename, TableChange } from '../interface/dataset-diff.ts'

/**
 * Compares what two descriptions say of the same tables. A table that was renamed is the same one; one that came or went is
 * told by its files.
 */
export function diffTables (
  before: ReadonlyMap<string, CroissantTable>, after: ReadonlyMap<string, CroissantTable>, renamed: readonly FileRename[]
): TableChange[] {
  const earlier = new Map(renamed.map(({ from, to }) => [to, from]))
  const changes: TableChange[] = []
  for (const [path, table] of after) {
    const known = before.get(earlier.get(path) ?? path)
    if (known === undefined) continue
    const fields = diffFields(known.fields, table.fields)
    const rows = known.rows === table.rows ? undefined : rowsOf(known.rows, table.rows)
    if (fields.length > 0 || rows !== undefined) changes.push({ path, fields, ...(rows === undefined ? {} : { rows }) })
  }
  return changes.sort((a, b) => a.path < b.path ? -1 : 1)
}

function diffFields (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): FieldChange[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap(name => {
    const [left, right] = [before.get(name), after.get(name)]
    if (left === right) return []
    return [{ name, ...(left === undefined ? {} : { before: left }), ...(right === undefined ? {} : { after: right }) }]
  })
}

function rowsOf (before: number | undefined, after: number | undefined): TableChange['rows'] {
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }
}
