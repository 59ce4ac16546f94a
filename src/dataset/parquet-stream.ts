import { decodeAppendColumn } from './append-columns.ts'
import type { HyparquetWriter } from './parquet-package.ts'
import type { AppendColumn } from '../interface/append.ts'
import type { JsonValue } from '../interface/primitives.ts'

/** Types of columns by the names that the package has for them. */
const types = {
  'sc:Boolean': 'BOOLEAN',
  'sc:Integer': 'INT64',
  'sc:Float': 'DOUBLE',
  'sc:Text': 'STRING',
  'sc:DateTime': 'TIMESTAMP',
  'sc:StructuredValue': 'JSON'
} as const

/** Writes a Parquet file, one row group in memory at a time. Equal rows in equal row groups give equal bytes. */
export async function * parquetStream (
  { ByteWriter, ParquetWriter, schemaFromColumnData }: HyparquetWriter, columns: readonly AppendColumn[],
  groups: AsyncIterable<readonly JsonValue[][]>
): AsyncGenerator<Uint8Array> {
  const described = columns.map(({ name, type, nullable = false }) => ({ name, type: types[type], nullable, data: [] }))
  const buffer = new ByteWriter()
  const writer = new ParquetWriter({
    writer: buffer, schema: schemaFromColumnData({ columnData: described }), createdBy: 'cortensor-datanode'
  })
  const written = (): Uint8Array => {
    const bytes = buffer.getBytes().slice()
    buffer.index = 0
    return bytes
  }
  for await (const rows of groups) {
    const columnData = columns.map((column, at) => {
      const values = rows.map(row => row[at] ?? null)
      return { name: column.name, data: decodeAppendColumn(column, values) }
    })
    await writer.write({ columnData, rowGroupSize: rows.length })
    yield written()
  }
  await writer.finish()
  yield written()
}
