import { expect, test } from 'vitest'
import { diffTables } from '../../src/dataset/diff-tables.ts'

const table = (fields: Record<string, string>, rows?: number) =>
  ({ fields: new Map(Object.entries(fields)), ...(rows === undefined ? {} : { rows }) })

test('finds columns that came, went or changed, and rows', () => {
  const before = new Map([['data/a', table({ x: 'sc:Text', y: 'sc:Integer', z: 'sc:Text' }, 3)], ['data/gone', table({ x: 'sc:Text' })], ['data/same', table({ x: 'sc:Text' }, 1)]])
  const after = new Map([['data/a', table({ x: 'sc:Text', y: 'sc:Float', w: 'sc:Text' }, 5)], ['data/new', table({ x: 'sc:Text' })], ['data/same', table({ x: 'sc:Text' }, 1)]])
  expect(diffTables(before, after, [])).toEqual([{
    path: 'data/a',
    fields: [{ name: 'y', before: 'sc:Integer', after: 'sc:Float' }, { name: 'z', before: 'sc:Text' }, { name: 'w', after: 'sc:Text' }],
    rows: { before: 3, after: 5 }
  }])
})

test('follows a table that was renamed, and takes rows that are not known for not known', () => {
  const [before, after] = [new Map([['data/a', table({ x: 'sc:Text' })]]), new Map([['data/b', table({ x: 'sc:Text' }, 2)]])]
  expect(diffTables(before, after, [{ from: 'data/a', to: 'data/b', cid: 'c', bytes: 1n }])).toEqual([{ path: 'data/b', fields: [], rows: { after: 2 } }])
})
