import { describe, expect, it } from 'vitest'
import { describeDataset } from '../../src/dataset/croissant.ts'
import { encodeCanonicalJson } from '../../src/format/canonical-json.ts'
import { miner, root } from '../audit/fixtures.ts'

const file = { path: 'data/a b.jsonl', cid: root('a'), bytes: 12n, sha256: `0x${'ab'.repeat(32)}` as const }

describe('describeDataset', () => {
  it('names each file by a relative URL, its CID, its size and its hash', () => {
    const { distribution } = describeDataset({ name: 'qa', version: '1.0.0', files: [] }, miner(1), [file])
    expect(distribution).toEqual([{
      '@type': 'cr:FileObject',
      '@id': 'files/0',
      name: 'data/a b.jsonl',
      contentUrl: 'data/a%20b.jsonl',
      sameAs: `ipfs://${root('a').toString()}`,
      contentSize: '12 B',
      encodingFormat: 'application/jsonlines',
      sha256: 'ab'.repeat(32)
    }])
  })

  it('identifies a file by its path where that has no white space', () => {
    const { distribution } = describeDataset({ name: 'qa', version: '1.0.0', files: [] }, miner(1), [{ ...file, path: 'data/a.csv' }])
    expect(distribution).toMatchObject([{ '@id': 'data/a.csv', encodingFormat: 'text/csv' }])
  })

  it('conforms to Croissant 1.1 and names version and publisher', () => {
    expect(describeDataset({ name: 'qa', version: '1.2.3', files: [] }, miner(1), [])).toMatchObject({
      '@type': 'sc:Dataset', conformsTo: 'http://mlcommons.org/croissant/1.1', version: '1.2.3', identifier: `${miner(1)}/qa@1.2.3`
    })
  })

  it.each([['CC0-1.0', 'https://spdx.org/licenses/CC0-1.0.html'], ['https://example.org/l', 'https://example.org/l']])('writes license %s as a URL', (license, url) => {
    expect(describeDataset({ name: 'qa', version: '1.0.0', files: [], license }, miner(1), [])['license']).toBe(url)
  })

  it('keeps further properties, and never lets them replace its own', () => {
    const init = { name: 'qa', version: '1.0.0', files: [], croissant: { citeAs: 'x', distribution: [], '@context': {} } }
    const described = describeDataset(init, miner(1), [file])
    expect(described['citeAs']).toBe('x')
    expect(described['distribution']).toHaveLength(1)
    expect(described['@context']).toMatchObject({ '@vocab': 'https://schema.org/' })
  })

  it('is JSON that has a canonical form', () => {
    expect(() => encodeCanonicalJson(describeDataset({
      name: 'qa', version: '1.0.0', files: [], creators: [{ name: 'A', url: 'https://a.example' }, { name: 'B' }], keywords: ['k']
    }, miner(1), [file]))).not.toThrow()
  })
})
