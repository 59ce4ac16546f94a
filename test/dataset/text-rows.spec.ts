import { describe, expect, it } from 'vitest'
import { readTextRows } from '../../src/dataset/text-rows.ts'
import { textSource } from './parquet-files.ts'
import type { TableRow } from '../../src/interface/table.ts'

const rows = async (text: string, format: 'csv' | 'jsonl'): Promise<TableRow[]> =>
  (await Array.fromAsync(readTextRows(textSource(`a.${format}`, text), format))).map(({ row }) => row)

describe('readTextRows', () => {
  it('reads objects of JSON Lines', async () => {
    expect(await rows('{"a":1}\n{"b":[null,"x"]}', 'jsonl')).toEqual([{ a: 1 }, { b: [null, 'x'] }])
  })

  it('reads whole numbers that are too large for a number as what they are', async () => {
    const [row] = await rows('{"a":9007199254740991,"b":9007199254740993,"c":[-12345678901234567890],"d":0.12345678901234567,"e":"9007199254740993","f":1e22}', 'jsonl')
    expect(row).toEqual({ a: 9007199254740991, b: 9007199254740993n, c: [-12345678901234567890n], d: 0.12345678901234567, e: '9007199254740993', f: 1e22 })
  })

  it('reads records of CSV by their header', async () => {
    expect(await rows('a,b\r\n1,"x,y"\r\n', 'csv')).toEqual([{ a: '1', b: 'x,y' }])
  })

  it('gives each row with its own bytes', async () => {
    const [, second] = await Array.fromAsync(readTextRows(textSource('a.csv', 'a\n1\n"2"\n'), 'csv'))
    expect([new TextDecoder().decode(second?.bytes), second?.line]).toEqual(['"2"', 3])
  })

  it('tells the header before the first row, also where there is none', async () => {
    const headers: unknown[] = []
    await Array.fromAsync(readTextRows(textSource('a.csv', 'a,b\n'), 'csv', { onHeader: names => headers.push(names) }))
    expect(headers).toEqual([['a', 'b']])
  })

  it.each<['csv' | 'jsonl', string, string, number]>([
    ['jsonl', '{"a":1}\n{"a":\n', 'Line 2 of a.jsonl is not JSON', 2],
    ['jsonl', '{"a":1}\n\n', 'Line 2 of a.jsonl is not JSON', 2],
    ['jsonl', '\ufeff{}\n', 'Line 1 of a.jsonl begins with a byte order mark, which JSON has not', 1],
    ['jsonl', '{"a":NaN}\n', 'Line 1 of a.jsonl is not JSON', 1],
    ['jsonl', '[1]\n', 'Line 1 of a.jsonl is not a JSON object', 1],
    ['jsonl', 'null', 'Line 1 of a.jsonl is not a JSON object', 1],
    ['csv', 'a,b\n1,2\n3\n', 'Line 3 of a.csv has 1 fields, and the header 2', 3],
    ['csv', 'a,b\n"1\n",2\n3,4,5\n', 'Line 4 of a.csv has 3 fields, and the header 2', 4],
    ['csv', 'a,a\n', 'Line 1 of a.csv has two columns named "a"', 1],
    ['csv', 'a,\n', 'Line 1 of a.csv names a column ""', 1],
    ['csv', '', 'Line 1 of a.csv has no header: the file is empty', 1]
  ])('refuses %s %o', async (format, text, message, line) => {
    await expect(rows(text, format)).rejects.toMatchObject({ name: 'InvalidTableError', message, details: { line } })
  })

  it('refuses JSON that is nested deeper than is read', async () => {
    await expect(rows(`{"a":${'['.repeat(100_000)}`, 'jsonl')).rejects.toMatchObject({ name: 'LimitExceededError' })
  })

  it('refuses a header of a million columns', async () => {
    await expect(rows(Array.from({ length: 1_000_000 }, (_, n) => n).join(','), 'csv')).rejects.toMatchObject({ name: 'LimitExceededError', details: { limit: 'tableColumnsMax' } })
  })
})
