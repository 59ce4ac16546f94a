import { expect, test } from 'vitest'
import { describeFiles } from '../../src/dataset/distribution.ts'
import { describeRecordSets } from '../../src/dataset/record-sets.ts'
import { root } from '../audit/fixtures.ts'

test('names each column, under an identifier that any name can have', async () => {
  const [resource] = await describeFiles([{ path: 'data/a.csv', cid: root('a'), bytes: 1n, sha256: '0x' }])
  if (resource === undefined) throw new Error('no resource')
  const [recordSet] = describeRecordSets(resource, { fields: [{ name: 'id', type: 'sc:Integer' }, { name: 'a b', type: 'sc:Text', repeated: true }] })
  expect(recordSet?.['field']).toMatchObject([
    { '@id': 'records/data/a.csv/id', name: 'id', dataType: 'sc:Integer', source: { fileObject: { '@id': 'data/a.csv' }, extract: { column: 'id' } } },
    { '@id': 'records/data/a.csv/-1', name: 'a b', dataType: 'sc:Text', isArray: true, source: { extract: { column: 'a b' } } }
  ])
})

test('leaves out what no reader of Croissant has a type for', async () => {
  const [resource] = await describeFiles([{ path: 'data/a.jsonl', cid: root('a'), bytes: 1n, sha256: '0x' }])
  if (resource === undefined) throw new Error('no resource')
  const structured = { name: 'o', type: 'sc:StructuredValue' } as const
  expect(describeRecordSets(resource, { fields: [structured, { name: 'a', type: 'sc:Text' }] })[0]?.['field']).toHaveLength(1)
  expect(describeRecordSets(resource, { fields: [structured] })).toEqual([])
})
