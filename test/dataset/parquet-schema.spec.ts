import { describe, expect, it } from 'vitest'
import { parquetField, parquetLeaves, parquetTree } from '../../src/dataset/parquet-schema.ts'
import type { SchemaElement } from 'hyparquet'

const root = (children: number): SchemaElement => ({ name: 'root', num_children: children })
const leaf = (name: string, element: Partial<SchemaElement> = {}): SchemaElement => ({ name, type: 'INT32', repetition_type: 'OPTIONAL', ...element })
const group = (name: string, children: number, element: Partial<SchemaElement> = {}): SchemaElement => ({ name, num_children: children, repetition_type: 'OPTIONAL', ...element })

describe('parquetTree', () => {
  it('makes a tree of the list, with the levels of each column', () => {
    const tree = parquetTree([root(2), group('a', 1, { converted_type: 'LIST' }), group('list', 1, { repetition_type: 'REPEATED' }), leaf('element'), leaf('b', { repetition_type: 'REQUIRED' })])
    expect(parquetLeaves(tree).map(({ path, repetition, definition }) => [path.join('.'), repetition, definition])).toEqual([['a.list.element', 1, 3], ['b', 0, 0]])
  })

  it.each<[string, SchemaElement[], string]>([
    ['no columns', [root(0)], 'it has no columns'],
    ['fewer elements than it says', [root(2), leaf('a')], 'it has fewer elements than columns'],
    ['more elements than it says', [root(1), leaf('a'), leaf('b')], 'it has more elements than columns'],
    ['a column without a type', [root(1), { name: 'a', repetition_type: 'REQUIRED' }], 'column "a" has no type'],
    ['two columns of one name', [root(2), leaf('a'), leaf('a')], 'two columns are named "a"'],
    ['a name that programs take for something else', [root(1), leaf('__proto__')], 'a column is named "__proto__"'],
    ['a negative number of columns', [root(1), group('a', -1)], 'column "a" has a negative size'],
    ['a column that does not say whether it is repeated', [root(1), { name: 'a', type: 'INT32' }], 'column "a" does not say whether it is repeated']
  ])('refuses %s', (_, schema, problem) => {
    expect(() => parquetTree(schema)).toThrow(`The schema of a Parquet file is not valid: ${problem}`)
  })

  it('refuses more columns, and more depth, than are read', () => {
    const wide = (columns: number): SchemaElement[] => [root(columns), ...Array.from({ length: columns }, (_, n) => leaf(`c${n}`))]
    expect(parquetTree(wide(10_000)).children).toHaveLength(10_000)
    expect(() => parquetTree(wide(1_000_000))).toThrow(expect.objectContaining({ name: 'LimitExceededError' }))
    const deep = (depth: number): SchemaElement[] => [root(1), ...Array.from({ length: depth }, () => group('g', 1)), leaf('x')]
    expect(parquetLeaves(parquetTree(deep(32)))).toHaveLength(1)
    expect(() => parquetTree(deep(33))).toThrow('nested more than 32 deep')
  })
})

describe('parquetField', () => {
  const typeOf = (...schema: SchemaElement[]): unknown => {
    const [column] = parquetTree([root(1), ...schema]).children
    if (column === undefined) throw new Error('there is one')
    return parquetField(column)
  }

  it.each<[string, SchemaElement, string]>([
    ['whole numbers', leaf('a', { type: 'INT64' }), 'sc:Integer'],
    ['numbers', leaf('a', { type: 'DOUBLE' }), 'sc:Float'],
    ['decimals', leaf('a', { converted_type: 'DECIMAL' }), 'sc:Float'],
    ['truth', leaf('a', { type: 'BOOLEAN' }), 'sc:Boolean'],
    ['text', leaf('a', { type: 'BYTE_ARRAY', converted_type: 'UTF8' }), 'sc:Text'],
    ['bytes', leaf('a', { type: 'BYTE_ARRAY' }), 'sc:StructuredValue'],
    ['days', leaf('a', { converted_type: 'DATE' }), 'sc:Date'],
    ['moments', leaf('a', { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' } }), 'sc:DateTime']
  ])('tells %s', (_, element, type) => {
    expect(typeOf(element)).toEqual({ name: 'a', type, nullable: true })
  })

  it('tells what a list is a list of, and what has parts', () => {
    const list = { converted_type: 'LIST', repetition_type: 'REQUIRED' } as const
    expect(typeOf(group('a', 1, list), group('list', 1, { repetition_type: 'REPEATED' }), leaf('element'))).toEqual({ name: 'a', type: 'sc:Integer', repeated: true, nullable: false })
    expect(typeOf(group('a', 1), leaf('b'))).toEqual({ name: 'a', type: 'sc:StructuredValue', nullable: true })
  })
})
