import { expect, test } from 'vitest'
import { missingDigests, ownStatements } from '../../src/audit/missing-statements.ts'
import { statementDigest } from '../../src/format/eip712.ts'
import { identityOf } from '../network/support.ts'
import { openOn, statementOf } from './trails.ts'
import type { StoredBundle } from '../../src/interface/store.ts'

const [own, other] = [identityOf(1).address, identityOf(2).address]

test('takes the statements that the node signed, whoever published the bundle', async () => {
  const [one, two, three] = await Promise.all([1, 2, 3].map(n => statementOf(n)))
  const records = [
    { statements: [{ statement: one!, signer: own }, { statement: two!, signer: other }] },
    { statements: [] },
    { statements: [{ statement: three!, signer: own }] }
  ] as unknown as StoredBundle[]
  expect(ownStatements(records, own)).toEqual([one, three])
})

test('gives the digests that the trail has not, each once, the oldest first', async () => {
  const trail = await openOn()
  const statements = await Promise.all([4, 3, 2, 1, 2].map(n => statementOf(n)))
  const digests = statements.map(statementDigest)
  await trail.append([digests[1]!])
  expect(await missingDigests(trail, statements)).toEqual([digests[3], digests[2], digests[0]])
  expect(await missingDigests(trail, [])).toEqual([])
})
