import { describe, expect, it } from 'vitest'
import { Lineage } from '../../src/dataset/lineage.ts'
import { lineageResultsMax } from '../../src/limits.ts'
import { resultOf } from './fixtures.ts'

const [one, two] = [resultOf(1), resultOf(2)]

describe('Lineage', () => {
  it('names each result once, and the files in the order of their paths', () => {
    const lineage = new Lineage([
      { path: 'data/b', makers: [{ result: two }, { result: one }] },
      { path: 'data/a', makers: [{ result: two, linked: 'outputs/x' }] }
    ])
    expect(lineage.of(['data/b', 'data/a', 'data/c'])).toEqual({
      results: [two, one],
      files: [{ path: 'data/a', results: [0], linked: { result: 0, path: 'outputs/x' } }, { path: 'data/b', results: [0, 1] }]
    })
  })

  it('says of a folder what is in it, and where each file is in the result', () => {
    const lineage = new Lineage([{ path: 'data/r', makers: [{ result: one, linked: '' }] }, { path: 'data/s', makers: [{ result: two, linked: 'outputs' }] }])
    expect(lineage.of(['data/r/output.json', 'data/s/x/y', 'data/rs']).files).toEqual([
      { path: 'data/r/output.json', results: [0], linked: { result: 0, path: 'output.json' } },
      { path: 'data/s/x/y', results: [1], linked: { result: 1, path: 'outputs/x/y' } }
    ])
  })

  it('binds row groups to their results', () => {
    const lineage = new Lineage([{ path: 'data/t.parquet', makers: [{ result: one }], rowGroups: [[one], [two, one]] }])
    expect(lineage.of(['data/t.parquet']).files).toEqual([{ path: 'data/t.parquet', results: [0, 1], rowGroups: [[0], [0, 1]] }])
  })

  it('describes a file in PROV-O', () => {
    const lineage = new Lineage([{ path: 'data/a', makers: [{ result: one }] }])
    expect(lineage.describe('data/a')).toEqual({
      'prov:wasDerivedFrom': [{ '@id': `ipfs://${one.root}` }],
      'prov:wasAttributedTo': [{ '@type': 'prov:Agent', 'prov:label': one.miner }],
      'prov:wasGeneratedBy': { '@type': 'prov:Activity', 'prov:label': 'inference with model 1' }
    })
    expect(lineage.describe('data/b')).toEqual({})
    expect(lineage.isEmpty).toBe(false)
  })

  it('refuses what is said of a file that is not there', () => {
    expect(() => new Lineage([{ path: 'data/a', makers: [{ result: one }] }]).of(['data/b'])).toThrow('generatedBy names "data/a"')
  })

  it('refuses more results than a version may name', () => {
    const makers = Array.from({ length: lineageResultsMax + 1 }, (_, n) => ({ result: { ...one, root: String(n) } }))
    expect(() => new Lineage([{ path: 'data/a', makers }])).toThrow(expect.objectContaining({ name: 'LimitExceededError' }))
  })
})
