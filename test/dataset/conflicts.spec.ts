import { expect, test } from 'vitest'
import { conflictsWith, equivocationOf } from '../../src/dataset/conflicts.ts'
import { root } from '../audit/fixtures.ts'
import { signVersion } from './fixtures.ts'
import type { SignedVersion } from '../../src/dataset/conflicts.ts'

const signed = async (text: string, version: string, previous?: string): Promise<SignedVersion> =>
  ({ cid: root(text), version, signed: await signVersion(root(text), previous === undefined ? undefined : root(previous)) })
const first = await signed('one', '1.0.0')
const second = await signed('two', '1.1.0', 'one')
const of = { publisher: second.signed.signer, name: 'qa' }

test('finds no conflict in a chain', () => {
  expect(conflictsWith(first, [first, second])).toEqual([])
  expect(equivocationOf(of, first, [])).toBeUndefined()
})

test.each([
  ['of the same number', await signed('other', '1.1.0', 'two'), 'same-version'],
  ['after the same version', await signed('other', '1.2.0', 'one'), 'same-predecessor']
])('finds another version %s, and shows both statements', (_, rival, reason) => {
  const conflicts = conflictsWith(second, [first, second, rival])
  expect(conflicts).toEqual([{ reason, version: rival.version, cid: rival.cid.toString(), statement: rival.signed }])
  expect(equivocationOf(of, second, conflicts)).toMatchObject({
    name: 'EquivocationError', details: { cid: second.cid.toString(), statement: second.signed, equivocations: conflicts, name: `${of.publisher}/qa@1.1.0` }
  })
})
