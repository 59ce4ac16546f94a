import { expect, it } from 'vitest'
import { encodeCanonicalJson } from '../../src/format/canonical-json.ts'
import { decodeVerdicts } from '../../src/format/verdicts.ts'
import type { JsonObject } from '../../src/interface/primitives.ts'

const content = `0x${'11'.repeat(32)}`
const verdict = { miner: 'whoever', ref: 'whatever', status: 'malformed', reason: 'it is none' }
const read = (change: JsonObject): unknown => decodeVerdicts(encodeCanonicalJson({ verdicts: [verdict], agreements: [], ...change }))

it('reads verdicts as they were recorded, with what else is in them', () => {
  const ok = { ...verdict, status: 'ok', content, digest: content, expected: '0x', actual: '0x00', copiedFrom: `0x${'22'.repeat(20)}`, more: 5 }
  const found = { verdicts: [verdict, ok], agreements: [{ content, miners: [`0x${'22'.repeat(20)}`] }], comparisons: [{ contents: [content, content], score: 0.5 }], scores: {} }
  expect(read(found)).toEqual(found)
})

it.each<JsonObject>([
  { verdicts: {} }, { verdicts: [{ ...verdict, status: 'good' }] }, { verdicts: [{ ...verdict, miner: 5 }] }, { verdicts: [{ ...verdict, content: 'x' }] },
  { verdicts: [{ ...verdict, expected: 'x' }] }, { agreements: [{ content: '0x', miners: [] }] }, { agreements: [{ content, miners: ['x'] }] },
  { comparisons: [{ contents: [content] }] }, { comparisons: [{ contents: [content, content], score: 'x' }] }, { verdicts: Array(257).fill(verdict) as JsonObject[] }
])('refuses %j', change => {
  expect(() => read(change)).toThrow(expect.objectContaining({ name: 'InvalidManifestError' }))
})
