import { expect, it } from 'vitest'
import { checking, claimAt, invalidEvidence } from '../../src/audit/invalid-evidence.ts'
import { InvalidArgumentError, InvalidStatementError } from '../../src/errors.ts'

it.each([
  ['', 'envelope'], ['manifest.json', 'envelope'], ['evidence', 'evidence'], ['evidence/manifest.json', 'evidence'], ['evidence/verdicts.json', 'verdict'],
  ['evidence/statements/x', 'result'], ['evidence/results/x/output.json', 'result'], ['evidence/task/prompt.json', 'task'], ['evidence-x', 'envelope'],
  ['statement.json', 'statement'], ['proofs/x', 'inclusion'], ['audit-keys', 'inclusion'], ['anchors.json', 'anchor']
])('says that by what stands at %j the claim %s falls', (path, claim) => {
  expect(claimAt(path)).toBe(claim)
  expect(invalidEvidence(path, 'x', { offset: 5 })).toMatchObject({ name: 'InvalidEvidenceError', details: { claim, path, offset: 5 } })
})

it('keeps the error below as the cause, and passes on what is no fault of the file', async () => {
  const cause = new InvalidStatementError('bad')
  await expect(checking('statement.json', () => { throw cause })).rejects.toMatchObject({ cause, message: '"statement.json" does not hold: bad' })
  await expect(checking(() => '', () => { throw cause })).rejects.toMatchObject({ message: 'The envelope does not hold: bad' })
  for (const other of [new InvalidArgumentError('x'), new TypeError('x'), invalidEvidence('', 'x')]) {
    await expect(checking('x', () => { throw other })).rejects.toBe(other)
  }
  expect(await checking('x', () => 5)).toBe(5)
})
