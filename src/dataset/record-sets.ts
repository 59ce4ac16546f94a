import type { DescribedTable } from './described-table.ts'
import type { Resource } from './distribution.ts'
import type { JsonObject } from '../interface/primitives.ts'

/**
 * Describes the columns of a table that is a file, or of the tables of a set, as a Croissant record set. Columns whose
 * values have a structure of their own are left out: readers of Croissant know no type for them, and would read none of the
 * others either.
 */
export function describeRecordSets ({ id, type, file }: Resource, { fields }: DescribedTable): JsonObject[] {
  const recordSet = `records/${id}`
  const plain = fields.filter(({ type }) => type !== 'sc:StructuredValue')
  if (plain.length === 0) return []
  return [{
    '@type': 'cr:RecordSet',
    '@id': recordSet,
    name: recordSet,
    description: type === 'fileObject' ? `The rows of ${file.path}.` : `The rows of all files in ${id}.`,
    field: plain.map(({ name, type: dataType, repeated = false }, index) => ({
      '@type': 'cr:Field',
      // Names of columns may be anything, identifiers may not.
      '@id': /^[\w.-]+$/.test(name) ? `${recordSet}/${name}` : `${recordSet}/-${index}`,
      name,
      dataType,
      ...(repeated ? { isArray: true, arrayShape: '-1' } : {}),
      source: { [type]: { '@id': id }, extract: { column: name } }
    }))
  }]
}
