import { describe, expect, it } from 'vitest'
import { readEnvelope } from '../../src/audit/read-envelope.ts'
import { readEvidence } from '../../src/audit/read-evidence.ts'
import { recheckVerdict } from '../../src/audit/recheck-verdict.ts'
import { evidenceFiles } from './evidence-vectors.ts'
import type { ReadEvidence } from '../../src/audit/read-evidence.ts'
import type { EvidenceVerdict } from '../../src/interface/evidence.ts'

const evidence = await readEvidence((await readEnvelope(evidenceFiles[0].file, {})).tree)
const [first, second, , copying, lying, silent] = evidence.found.verdicts as
  [EvidenceVerdict, EvidenceVerdict, EvidenceVerdict, EvidenceVerdict, EvidenceVerdict, EvidenceVerdict]
const without = { ...evidence, results: new Map(), statements: new Map() }
const stranger = `0x${'99'.repeat(20)}` as const

function standing (verdict: EvidenceVerdict, among: ReadEvidence = evidence): string {
  const { holds, words, code, subject } = recheckVerdict(among, verdict)
  expect([code, subject]).toEqual(['verdict', verdict.miner])
  return `${holds}: ${words}`
}

describe('recheckVerdict', () => {
  it('proves ok by the result and its miner\'s statement, and a copy by the miner that the result names', () => {
    expect(standing(first)).toMatch(/^proven: .* signed it$/)
    expect(standing(copying)).toMatch(/^proven: /)
    expect(standing(lying)).toMatch(/^proven: .*statement that came with the claim/)
  })

  it.each<[string, Partial<EvidenceVerdict>, RegExp]>([
    ['a status that is another one', { status: 'unsigned' }, /what is in the evidence says ok/],
    ['another content digest', { content: `0x${'00'.repeat(32)}` }, /has the content digest/],
    ['ok for another root', { digest: `0x${'00'.repeat(32)}` }, /has no result of it/]
  ])('refutes %s', (_, change, words) => {
    expect(standing({ ...first, ...change })).toMatch(/^refuted/)
    expect(standing({ ...first, ...change })).toMatch(words)
  })

  it('refutes ok without a result, a copy of somebody else, and a mismatch of what is equal', () => {
    expect(standing(first, without)).toMatch(/^refuted: .*no result of it/)
    expect(standing({ ...copying, copiedFrom: stranger }, { ...evidence, statements: new Map() })).toMatch(/^refuted: .*names/)
    expect(standing({ ...silent, actual: silent.expected! })).toMatch(/^refuted: .*both hashes/)
  })

  it('does not prove what nobody can show', () => {
    expect(standing(silent)).toMatch(/^not-proven: .*compare the precommit on chain/)
    for (const status of ['unavailable', 'embargoed'] as const) expect(standing({ ...silent, status })).toMatch(/^not-proven: .*what nobody gave/)
    for (const status of ['wrong-task', 'malformed'] as const) expect(standing({ ...lying, status }, without)).toMatch(/^not-proven: .*not in the evidence/)
  })

  it('proves the copy of a root that nobody could read for the one who copied', () => {
    const copy: EvidenceVerdict = { ...first, miner: stranger, status: 'copied', copiedFrom: first.miner }
    expect(standing(copy)).toMatch(/^proven: .* which is the result of /)
    expect(standing({ ...copy, copiedFrom: second.miner })).toMatch(/^not-proven/)
  })

  it('leaves it at that where a miner claimed more than once, but for what is ok', () => {
    const twice = { ...evidence, found: { ...evidence.found, verdicts: [...evidence.found.verdicts, first] } }
    expect(standing({ ...first, status: 'malformed' }, twice)).toMatch(/^not-proven/)
    expect(standing({ ...first, content: stranger }, twice)).toMatch(/^refuted/)
  })
})
