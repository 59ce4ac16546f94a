import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DataNodeError } from '../../src/errors.ts'
import { decodeRowLineage, encodeRowLineage } from '../../src/format/row-lineage.ts'
import { rowLineageBytesMax } from '../../src/limits.ts'
import { mutations } from './arbitraries.ts'
import { at, mutate, readVectors } from './vectors.ts'
import type { RowLineage } from '../../src/interface/append.ts'

const { lines } = readVectors('row-lineage') as { lines: { name: string, text: string, lineage: RowLineage }[] }
const utf8 = new TextEncoder()
const { lineage: full, text: fullText } = at(lines, 0)
const { lineage: named } = at(lines, 1)

describe('a line of lineage.jsonl', () => {
  it.each(lines)('has a vector of $name', ({ text, lineage }) => {
    expect(decodeRowLineage(utf8.encode(text))).toEqual(lineage)
    const written = encodeRowLineage(lineage)
    expect([written.at(-1), decodeRowLineage(utf8.encode(written))]).toEqual(['\n', lineage])
  })

  it.each<[string, object]>([
    ['no rows', { from: 5 }],
    ['a place that is none', { rowGroup: -1 }],
    ['a path that is none', { path: '' }],
    ['a result that is no CID', { result: 'result 1' }],
    ['a CID that is not in its canonical text', { result: full.result.toUpperCase() }],
    ['an address that is none', { miner: '0x1' }],
    ['a model without a name', { model: '' }],
    ['a task that is none', { task: { chainId: '1' } }],
    ['a task bundle that is none', { answers: named.result }],
    ['a statement that is none', { statement: {} }],
    ['null', { model: null }]
  ])('refuses %s', (_, change) => {
    const text = JSON.stringify({ ...JSON.parse(fullText) as object, ...change })
    expect(() => decodeRowLineage(utf8.encode(text))).toThrow(expect.objectContaining({ name: 'InvalidProvenanceError' }))
  })

  it.each(['', '[]', 'null', '{', '{}', '\ufeff{}'])('refuses %j', text => {
    expect(() => decodeRowLineage(utf8.encode(text))).toThrow(expect.objectContaining({ name: 'InvalidProvenanceError' }))
  })

  it('has a bound', () => {
    const padded = (bytes: number): Uint8Array => utf8.encode(fullText.padEnd(bytes))
    expect(decodeRowLineage(padded(rowLineageBytesMax))).toEqual(full)
    expect(() => decodeRowLineage(padded(rowLineageBytesMax + 1))).toThrow(expect.objectContaining({ name: 'LimitExceededError' }))
    expect(() => decodeRowLineage(utf8.encode('['.repeat(100)))).toThrow(expect.objectContaining({ name: 'LimitExceededError' }))
  })

  it('does not write what it would not read', () => {
    expect(() => encodeRowLineage({ ...full, to: 0 })).toThrow(expect.objectContaining({ name: 'InvalidProvenanceError' }))
  })

  it('throws nothing else whatever comes', () => {
    fc.assert(fc.property(mutations, changes => {
      try {
        decodeRowLineage(mutate(utf8.encode(fullText), changes))
      } catch (error) {
        expect(error).toBeInstanceOf(DataNodeError)
      }
    }))
  })
})
