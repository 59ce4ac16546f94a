import { expect, test } from 'vitest'
import { InvalidArgumentError, NotStoredError } from '../../src/errors.ts'
import { createFollowedTrail } from '../../src/audit/followed-trail.ts'
import { decodeAuditKey, decodeNote, decodeTlogProof, statementDigest, verifyCheckpoint, verifyInclusion } from '../../src/verify.ts'
import { toHex } from '../../src/format/hex.ts'
import { publishNotes, startParts } from './nodes.ts'
import { all } from './trails.ts'

test('shows another node\'s trail as far as it was seen, and proves what is in it', async () => {
  const [miner, oracle] = [await startParts(1), await startParts(2)]
  const statements = await publishNotes(miner, 3)
  const signal = new AbortController().signal
  const { followed } = oracle.audit
  const trail = createFollowedTrail(await followed.follow(miner.identity.address, { providers: [miner.place], signal }), followed, oracle.run)
  expect(trail.address).toBe(miner.identity.address)
  expect(trail.fork).toBeUndefined()
  const { auditKey, note, ...head } = trail.checkpoint
  const expected = { auditKey: decodeAuditKey(auditKey), address: trail.address, origin: head.origin }
  expect(verifyCheckpoint(decodeNote(note), expected).checkpoint).toMatchObject(head)
  expect(await all(trail.entries())).toEqual(statements.map((statement, index) => ({ index, digest: toHex(statementDigest(statement)) })))
  for (const [index, statement] of statements.entries()) {
    const proof = decodeTlogProof(await trail.proveInclusion(statement))
    expect(proof.index).toBe(index)
    verifyInclusion({ entry: statementDigest(statement), index, tree: verifyCheckpoint(proof.note, expected).checkpoint }, proof.hashes)
  }
  const [later] = await publishNotes(miner, 1)
  await expect(trail.proveInclusion(later!)).rejects.toThrow(NotStoredError)
  await miner.audit.bundles.publish(await miner.statements.flush())
  expect((await trail.update()).size).toBe(4)
  expect(decodeTlogProof(await trail.proveInclusion(toHex(statementDigest(later!)))).index).toBe(3)
  await expect(trail.proveInclusion('0x12')).rejects.toThrow(InvalidArgumentError)
  await trail.stop()
  expect(await followed.list()).toEqual([])
  expect(trail.checkpoint.size).toBe(4)
})
