import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { invalidLine, parseCsvRecord } from '../../src/dataset/csv-record.ts'

const parse = (text: string): string[] => parseCsvRecord('a.csv', { bytes: new TextEncoder().encode(text), line: 7 })
const write = (fields: readonly string[]): string =>
  fields.map(field => /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field).join(',')

describe('parseCsvRecord', () => {
  it.each<[string, string[]]>([
    ['a,b', ['a', 'b']],
    ['', ['']],
    [',', ['', '']],
    ['"a,b",""', ['a,b', '']],
    ['"say ""hi""",2', ['say "hi"', '2']],
    ['"a\nb",c', ['a\nb', 'c']],
    ['a,"b",', ['a', 'b', '']]
  ])('reads %o', (text, fields) => {
    expect(parse(text)).toEqual(fields)
  })

  it('reads whatever fields are written', () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', 'é') }), { minLength: 1 }), fields => {
      expect(parse(write(fields))).toEqual(fields)
    }))
  })

  it('takes tabs for commas in a file that is named so', () => {
    const tabs = parseCsvRecord('a.tsv', { bytes: new TextEncoder().encode('a,b\t"c\td"\t'), line: 1 })
    expect(tabs).toEqual(['a,b', 'c\td', ''])
  })

  it.each(['a"b,c', '"a"b,c', '"a', 'x,"a""'])('refuses %o', text => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ name: 'InvalidTableError', details: { path: 'a.csv', line: 7 } }))
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(() => parseCsvRecord('a.csv', { bytes: Uint8Array.of(0xff), line: 2 })).toThrow('Line 2 of a.csv is not UTF-8')
  })

  it('refuses a million columns, with and without quotes', () => {
    expect(parse(','.repeat(9_999))).toHaveLength(10_000)
    expect(() => parse(','.repeat(1_000_000))).toThrow('at most 10000 are read')
    expect(() => parse(`"",${','.repeat(1_000_000)}`)).toThrow('at most 10000 are read')
  })
})

describe('invalidLine', () => {
  it('names the line and the file', () => {
    expect(invalidLine('a.csv', 3, 'is odd')).toMatchObject({ message: 'Line 3 of a.csv is odd', details: { path: 'a.csv', line: 3 } })
  })
})
