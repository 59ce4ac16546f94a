import { describe, expect, it } from 'vitest'
import { describeDataset } from '../../src/dataset/croissant.ts'
import { describeFiles } from '../../src/dataset/distribution.ts'
import { encodeCanonicalJson } from '../../src/format/canonical-json.ts'
import { miner, root } from '../audit/fixtures.ts'
import type { ImportedFile } from '../../src/bundle/publish.ts'
import type { DatasetInit } from '../../src/interface/dataset.ts'

const describeFilesOf = async (init: DatasetInit, files: ImportedFile[] = []) =>
  describeDataset(init, { publisher: miner(1), resources: await describeFiles(files), tables: new Map(), derivedFrom: [] })

const file = { path: 'data/a b.jsonl', cid: root('a'), bytes: 12n, sha256: `0x${'ab'.repeat(32)}` as const }

describe('describeDataset', () => {
  it('names each file by a relative URL, its CID, its size and its hash', async () => {
    const { distribution } = await describeFilesOf({ name: 'qa', version: '1.0.0', files: [] }, [file])
    expect(distribution).toEqual([{
      '@type': 'cr:FileObject',
      '@id': 'files/0',
      name: 'data/a b.jsonl',
      contentUrl: 'data/a b.jsonl',
      sameAs: `ipfs://${root('a').toString()}`,
      contentSize: '12 B',
      encodingFormat: 'application/jsonlines',
      sha256: 'ab'.repeat(32)
    }])
  })

  it('identifies a file by its path where that has no white space', async () => {
    const { distribution } = await describeFilesOf({ name: 'qa', version: '1.0.0', files: [] }, [{ ...file, path: 'data/a.csv' }])
    expect(distribution).toMatchObject([{ '@id': 'data/a.csv', encodingFormat: 'text/csv' }])
  })

  it('conforms to Croissant 1.1 and names version and publisher', async () => {
    expect(await describeFilesOf({ name: 'qa', version: '1.2.3', files: [] }, [])).toMatchObject({
      '@type': 'sc:Dataset', conformsTo: 'http://mlcommons.org/croissant/1.1', version: '1.2.3', identifier: `${miner(1)}/qa@1.2.3`
    })
  })

  it.each([['CC0-1.0', 'https://spdx.org/licenses/CC0-1.0.html'], ['https://example.org/l', 'https://example.org/l']])('writes license %s as a URL', async (license, url) => {
    expect((await describeFilesOf({ name: 'qa', version: '1.0.0', files: [], license }, []))['license']).toBe(url)
  })

  it('keeps further properties, and never lets them replace its own', async () => {
    const init = { name: 'qa', version: '1.0.0', files: [], croissant: { citeAs: 'x', distribution: [], '@context': {} } }
    const described = await describeFilesOf(init, [file])
    expect(described['citeAs']).toBe('x')
    expect(described['distribution']).toHaveLength(1)
    expect(described['@context']).toMatchObject({ '@vocab': 'https://schema.org/' })
  })

  it('is JSON that has a canonical form', async () => {
    const described = await describeFilesOf({
      name: 'qa', version: '1.0.0', files: [], creators: [{ name: 'A', url: 'https://a.example' }, { name: 'B' }], keywords: ['k']
    }, [file])
    expect(() => encodeCanonicalJson(described)).not.toThrow()
  })

  it('says what it was made from, and names the publisher as creator where nobody else is said to be', () => {
    const described = describeDataset({ name: 'qa', version: '1.0.0' }, { publisher: miner(1), resources: [], tables: new Map(), derivedFrom: ['ipfs://x'] })
    expect(described).toMatchObject({ 'prov:wasDerivedFrom': [{ '@id': 'ipfs://x' }], creator: [{ name: miner(1) }], publisher: { name: miner(1) } })
  })

  it('describes columns and rows of what is a table', async () => {
    const resources = await describeFiles([{ ...file, path: 'data/a.csv' }])
    const tables = new Map([['data/a.csv', { fields: [{ name: 'n', type: 'sc:Integer' as const }], rows: 3 }]])
    const described = describeDataset({ name: 'qa', version: '1.0.0' }, { publisher: miner(1), resources, tables, derivedFrom: [] })
    expect(described).toMatchObject({
      distribution: [{ additionalProperty: [{ name: 'rows', value: 3 }] }],
      recordSet: [{ field: [{ name: 'n', dataType: 'sc:Integer', source: { fileObject: { '@id': 'data/a.csv' }, extract: { column: 'n' } } }] }]
    })
  })
})
