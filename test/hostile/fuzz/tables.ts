import { parseCsvRecord } from '../../../src/dataset/csv-record.ts'
import { toHex } from '../../../src/format/hex.ts'
import { decodeRowProof, encodeRowProof } from '../../../src/format/row-proof.ts'
import { decodeRowsHead, decodeTableRows, encodeRowsHead, encodeTableRows } from '../../../src/format/table-rows.ts'
import type { RowProof } from '../../../src/format/row-proof.ts'
import type { RowsHead, TableRows } from '../../../src/format/table-rows.ts'
import type { Fuzzed } from './decoders.ts'

const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte)
const text = (text: string): Uint8Array => new TextEncoder().encode(text)
const head: RowsHead = { tables: 2, root: toHex(hash(1)) }
const tables: TableRows[] = [
  { path: 'data/a.csv', cid: 'bafkreia', table: 'csv', rows: 3, root: toHex(hash(2)), header: 'id,"é"' },
  { path: 'data/b.parquet', cid: 'bafkreib', table: 'parquet', rows: 1e9, root: toHex(hash(3)) }
]
const proofs = tables.map((table, tableIndex): RowProof => ({
  root: Uint8Array.of(1, 2), head: encodeRowsHead(head), table, tableIndex, tableHashes: [hash(4)], index: 1, hashes: [hash(5), hash(6)], row: '1,"x\n"'
}))

function encodeCsv (fields: readonly string[]): Uint8Array {
  return text(fields.map(field => `"${field.replaceAll('"', '""')}"`).join(','))
}

/** Decoders of what datasets say of their tables. */
export function tableDecoders (): Fuzzed[] {
  return [
    { what: 'heads of rows', samples: [encodeRowsHead(head)], decode: decodeRowsHead, encode: value => encodeRowsHead(value as RowsHead), isCanonical: true },
    { what: 'rows of tables', samples: tables.map(encodeTableRows), decode: decodeTableRows, encode: value => encodeTableRows(value as TableRows), isCanonical: true },
    { what: 'proofs of rows', samples: proofs.map(encodeRowProof), decode: decodeRowProof, encode: value => encodeRowProof(value as RowProof), isCanonical: true },
    {
      what: 'records of CSV', samples: ['a,b,,c', '"a ""b""","c\nd",é', '1,2.5,-3', '"unclosed'].map(text),
      decode: bytes => parseCsvRecord('a.csv', { bytes, line: 1 }), encode: value => encodeCsv(value as string[])
    }
  ]
}
