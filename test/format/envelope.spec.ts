import { expect, it } from 'vitest'
import { envelopeRule, ruleOfEntry } from '../../src/format/envelope.ts'
import type { EntryRule } from '../../src/format/envelope.ts'
import type { ExportPayload } from '../../src/interface/evidence.ts'

const isIn = (payload: ExportPayload, path: string): boolean =>
  path.split('/').reduce<EntryRule | undefined>((rule, name) => rule === undefined ? undefined : ruleOfEntry(rule, name), envelopeRule(payload)) !== undefined

it.each<[string, readonly ExportPayload[]]>([
  ['manifest.json', ['none', 'outputs', 'all']],
  ['proofs/x/y', ['none', 'outputs', 'all']],
  ['evidence/verdicts.json', ['none', 'outputs', 'all']],
  ['evidence/task/manifest.json', ['none', 'outputs', 'all']],
  ['evidence/task/prompt.json', ['all']],
  ['evidence/task/inputs', ['all']],
  ['evidence/results/x/manifest.json', ['none', 'outputs', 'all']],
  ['evidence/results/x/output.json', ['outputs', 'all']],
  ['evidence/results/x/outputs/deep/er', ['outputs', 'all']],
  ['evidence/results/x/logs', ['all']],
  ['evidence/artifacts', ['all']],
  ['evidence/toString', ['none', 'outputs', 'all']],
  ['evidence/task/toString', ['all']]
])('%s comes with %j', (path, payloads) => {
  expect((['none', 'outputs', 'all'] as const).filter(payload => isIn(payload, path))).toEqual(payloads)
})
