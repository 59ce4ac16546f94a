import { describe, expect, it } from 'vitest'
import { decodeRowsHead, decodeTableRows, encodeRowsHead, encodeTableRows } from '../../src/format/table-rows.ts'
import { readVectors } from './vectors.ts'
import type { RowsHead, TableRows } from '../../src/format/table-rows.ts'

const vectors = readVectors('table-rows') as { heads: { value: RowsHead, text: string }[], tables: { value: TableRows, text: string }[] }
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('rows.json and rows.jsonl', () => {
  it.each(vectors.heads)('write and read a head: $text', ({ value, text: written }) => {
    expect(text(encodeRowsHead(value))).toBe(written)
    expect(decodeRowsHead(bytes(written))).toMatchObject(value)
  })

  it.each(vectors.tables)('write and read a table: $text', ({ value, text: written }) => {
    expect(text(encodeTableRows(value))).toBe(written)
    expect(decodeTableRows(bytes(written))).toMatchObject(value)
  })

  it('refuse another form, an unknown field and a newer version', () => {
    const [head] = vectors.heads
    if (head === undefined) throw new Error('there is one')
    expect(() => decodeRowsHead(bytes(` ${head.text}`))).toThrow(expect.objectContaining({ name: 'InvalidProofError' }))
    expect(() => decodeRowsHead(bytes(head.text.replace('"tables":', '"more":1,"tables":')))).toThrow(expect.objectContaining({ name: 'InvalidProofError' }))
    expect(() => decodeRowsHead(bytes(head.text.replace('"version":"1"', '"version":"2"')))).toThrow(expect.objectContaining({ name: 'NewerFormatError' }))
    expect(() => encodeRowsHead({ ...head.value, tables: -1 })).toThrow('which is not a whole number from 0')
    expect(() => decodeRowsHead(new Uint8Array(1025))).toThrow(expect.objectContaining({ name: 'LimitExceededError' }))
  })
})
