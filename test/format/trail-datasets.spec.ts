import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DataNodeError } from '../../src/errors.ts'
import { encodeCanonicalJson } from '../../src/format/canonical-json.ts'
import { decodeTrailDatasets, encodeTrailDatasets } from '../../src/format/trail-datasets.ts'
import { trailDatasetsBytesMax, trailDatasetsMax } from '../../src/limits.ts'
import { mutations } from './arbitraries.ts'
import { at, mutate, readVectors } from './vectors.ts'
import type { NamedVersion } from '../../src/interface/dataset-trail.ts'
import type { JsonObject, JsonValue } from '../../src/interface/primitives.ts'

const { lists } = readVectors('trail-datasets') as { lists: { name: string, text: string, versions: NamedVersion[] }[] }
const text = new TextEncoder()
const { versions: full, text: fullText } = at(lists, 0)

describe('datasets.json of a trail', () => {
  it.each(lists)('has a vector of $name', ({ text: written, versions }) => {
    expect(new TextDecoder().decode(encodeTrailDatasets(versions))).toBe(written)
    expect(decodeTrailDatasets(text.encode(written))).toEqual(versions)
  })

  it.each([
    ['a name that is none', 'name', '../x'], ['a version that is none', 'version', '1.0'], ['a publisher that is none', 'publisher', '0xAB'],
    ['a statement that is none', 'statement', {}], ['a delegation that is none', 'delegation', { node: 1 }], ['a field that is not known', 'more', 1]
  ])('refuses %s', (_, field, value) => {
    const json = JSON.parse(fullText) as { versions: JsonObject[] }
    Object.assign(at(json.versions, 0), { [field]: value })
    expect(() => decodeTrailDatasets(encodeCanonicalJson(json as unknown as JsonValue))).toThrow(expect.objectContaining({ name: 'InvalidManifestError' }))
  })

  it('has room for as many as there may be, and not for one more', () => {
    const version = at(full, 1)
    const most = Array.from({ length: trailDatasetsMax }, () => ({ ...version, name: 'n'.repeat(100) }))
    expect(encodeTrailDatasets(most).length).toBeLessThan(trailDatasetsBytesMax)
    expect(() => encodeTrailDatasets([...most, version])).toThrow(expect.objectContaining({ name: 'InvalidManifestError' }))
  })

  it('says that a newer version is needed, where it is', () => {
    expect(() => decodeTrailDatasets(text.encode(fullText.replace(/"version":"1","versions"/, '"version":"2","versions"')))).toThrow(expect.objectContaining({ name: 'NewerFormatError' }))
  })

  it('throws nothing else whatever comes', () => {
    fc.assert(fc.property(mutations, changes => {
      try {
        decodeTrailDatasets(mutate(text.encode(fullText), changes))
      } catch (error) {
        expect(error).toBeInstanceOf(DataNodeError)
      }
    }))
  })
})
