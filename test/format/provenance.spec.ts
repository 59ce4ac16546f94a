import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DataNodeError } from '../../src/errors.ts'
import { encodeCanonicalJson } from '../../src/format/canonical-json.ts'
import { decodeProvenance, encodeProvenance } from '../../src/format/provenance.ts'
import { mutations } from './arbitraries.ts'
import { at, mutate, readVectors } from './vectors.ts'
import type { JsonObject, JsonValue } from '../../src/interface/primitives.ts'
import type { Provenance } from '../../src/interface/provenance.ts'

const { provenances } = readVectors('provenance') as { provenances: { name: string, text: string, provenance: Provenance }[] }
const text = new TextEncoder()
const { provenance: full, text: fullText } = at(provenances, 0)

describe('provenance.json', () => {
  it.each(provenances)('has a vector of $name', ({ text: written, provenance }) => {
    expect(new TextDecoder().decode(encodeProvenance(provenance))).toBe(written)
    expect(decodeProvenance(text.encode(written))).toEqual(provenance)
  })

  const refused: [string, (json: { results: JsonObject[], files: JsonObject[] }) => void][] = [
    ['a result that is there twice', ({ results }) => { results[1] = { ...results[0] } }],
    ['files that are not in the order of their paths', ({ files }) => { files.reverse() }],
    ['a file that names no result', ({ files }) => { (files[0] as JsonObject)['results'] = [] }],
    ['a file that names a result that is not there', ({ files }) => { (files[0] as JsonObject)['results'] = [7] }],
    ['indexes that are not in order', ({ files }) => { (files[0] as JsonObject)['results'] = [1, 0] }],
    ['a row group with a result that its file does not name', ({ files }) => { (files[1] as JsonObject)['rowGroups'] = [[1]] }],
    ['a link from a result that the file does not name', ({ files }) => { (files[0] as JsonObject)['linked'] = { result: 1, path: 'x' } }],
    ['a field that is not known', ({ files }) => { (files[0] as JsonObject)['more'] = 1 }],
    ['a statement that is none', ({ results }) => { (results[0] as JsonObject)['statement'] = {} }],
    ['an address that is none', ({ results }) => { (results[0] as JsonObject)['miner'] = '0x1' }]
  ]
  it.each(refused)('refuses %s', (_, change) => {
    const json = JSON.parse(fullText) as { results: JsonObject[], files: JsonObject[] }
    change(json)
    expect(() => decodeProvenance(encodeCanonicalJson(json as unknown as JsonValue))).toThrow(expect.objectContaining({ name: 'InvalidProvenanceError' }))
  })

  it('says that a newer version is needed, where it is', () => {
    expect(() => decodeProvenance(text.encode(fullText.replace(/"version":"1"\}$/, '"version":"2"}')))).toThrow(expect.objectContaining({ name: 'NewerFormatError' }))
  })

  it('does not write what it would not read', () => {
    expect(() => encodeProvenance({ ...full, files: [{ path: 'x', results: [9] }] })).toThrow(expect.objectContaining({ name: 'InvalidProvenanceError' }))
  })

  it('throws nothing else whatever comes', () => {
    fc.assert(fc.property(mutations, changes => {
      try {
        decodeProvenance(mutate(text.encode(fullText), changes))
      } catch (error) {
        expect(error).toBeInstanceOf(DataNodeError)
      }
    }))
  })
})
