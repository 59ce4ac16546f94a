import { describe, expect, it } from 'vitest'
import { describeDataset } from '../../src/dataset/croissant.ts'
import { describeFiles } from '../../src/dataset/distribution.ts'
import { readTables, tablesIn } from '../../src/dataset/read-croissant.ts'
import { encodeCanonicalJson } from '../../src/format/canonical-json.ts'
import { describedColumnsMax } from '../../src/limits.ts'
import { miner, root } from '../audit/fixtures.ts'

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))

describe('readTables', () => {
  it('reads the tables that a description names, by the paths of their files', async () => {
    const files = [{ path: 'data/a b.csv', cid: root('a'), bytes: 1n, sha256: `0x${'00'.repeat(32)}` as const }]
    const tables = new Map([['files/0', { fields: [{ name: 'x', type: 'sc:Integer' as const }], rows: 7 }]])
    const described = encodeCanonicalJson(describeDataset({ name: 'q', version: '1.0.0' }, { publisher: miner(1), resources: await describeFiles(files), tables, derivedFrom: [] }))
    const read = await readTables({ urn: 'u', bytes: async () => await Promise.resolve(described) })
    expect(read).toEqual(new Map([['data/a b.csv', { fields: new Map([['x', 'sc:Integer']]), rows: 7 }]]))
  })
})

describe('tablesIn', () => {
  it.each([
    {}, { recordSet: 5, distribution: 'x' }, { recordSet: [{ field: [null, 5, { source: { fileObject: { '@id': 'unknown' } } }] }] },
    { distribution: { '@id': 'a', contentUrl: 'https://e.org/%zz' }, recordSet: { field: { name: 5, source: { fileObject: { '@id': 'a' } } } } },
    { distribution: [{ '@id': 'a', contentUrl: '%zz', additionalProperty: { name: 'rows', value: -1 } }] }
  ])('passes over what is not of its form: %j', document => {
    expect(tablesIn(bytes(document), 'u').size).toBe(0)
  })

  it.each(['', '[]', '5', '{', 'null'])('refuses %j', text => {
    expect(() => tablesIn(bytes(text), 'the urn')).toThrow(expect.objectContaining({ name: 'InvalidCroissantError', message: expect.stringContaining('the urn') as string }))
  })

  it('takes names for names, whatever programs take them for', () => {
    const document = '{"__proto__":{"distribution":5},"distribution":{"@id":"__proto__","contentUrl":"__proto__"},' +
      '"recordSet":{"field":[{"name":"__proto__","dataType":["sc:Text"],"source":{"fileObject":{"@id":"__proto__"}}}]}}'
    expect(tablesIn(bytes(document), 'u')).toEqual(new Map([['__proto__', { fields: new Map([['__proto__', '["sc:Text"]']]) }]]))
  })

  it('takes no more columns of a table than are described, in however many record sets they are', () => {
    const field = (name: string): object => ({ name, source: { fileObject: { '@id': 'a' } } })
    const fields = Array.from({ length: describedColumnsMax }, (_, n) => field(`${n}`))
    const tables = tablesIn(bytes({ distribution: { '@id': 'a' }, recordSet: [{ field: fields }, { field: [field('more')] }] }), 'u')
    expect(tables.get('a')?.fields.size).toBe(describedColumnsMax)
  })

  it('refuses what is nested too deep', () => {
    expect(() => tablesIn(bytes('['.repeat(100_000)), 'u')).toThrow(expect.objectContaining({ name: 'LimitExceededError' }))
  })
})
