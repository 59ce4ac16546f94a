import { beforeEach, expect, test } from 'vitest'
import { InvalidArgumentError, InvalidProofError, NotStoredError, SmallerTreeError } from '../../src/errors.ts'
import { createAuditParts } from '../../src/audit/audit-parts.ts'
import { createAuditTrail } from '../../src/audit/audit-trail.ts'
import { publishBundle } from '../../src/bundle/publish.ts'
import {
  checkpointDigest, decodeAuditKey, decodeCheckpoint, decodeNote, decodeTlogProof,
  statementDigest, verifyCheckpoint, verifyConsistency, verifyInclusion
} from '../../src/verify.ts'
import { toHex } from '../../src/format/hex.ts'
import { noteInit, testNode } from '../bundle/fixtures.ts'
import { FakeAnchor } from './fake-anchor.ts'
import { all } from './trails.ts'
import type { RunCall } from '../../src/audit/run-call.ts'
import type { AuditTrail } from '../../src/interface/audit.ts'
import type { StatementTrail } from '../../src/audit/statement-trail.ts'
import type { StoredBundle } from '../../src/interface/store.ts'

let node: ReturnType<typeof testNode>
let statements: StatementTrail
let audit: AuditTrail
let anchor: FakeAnchor

beforeEach(() => {
  node = testNode(1)
  anchor = new FakeAnchor()
  const parts = createAuditParts({ ...node, anchor, log: () => {} })
  statements = parts.statements
  audit = createAuditTrail({ ...node, audit: parts }, run)
})

const run: RunCall = async (options, call) => {
  options.signal?.throwIfAborted()
  return await call({ ...options, signal: options.signal ?? new AbortController().signal })
}

async function publish (text: string, kind = 'note'): Promise<StoredBundle> {
  const init = noteInit([{ name: 'a', text }])
  const { stored } = await publishBundle({ ...node, statements }, { ...init, manifest: content => ({ ...init.manifest(content), kind }) })
  return stored
}

test('commits to everything that was published, so that a stranger can check it', async () => {
  await publish('one')
  const earlier = await audit.checkpoint()
  const stored = await publish('two')
  const later = await audit.checkpoint()
  const { statement } = stored.statements[0]!
  const proof = decodeTlogProof(await audit.proveInclusion(statement))
  const auditKey = decodeAuditKey(later.auditKey)
  const { checkpoint: tree } = verifyCheckpoint(proof.note, { auditKey, address: node.identity.address, origin: later.origin })
  verifyInclusion({ entry: statementDigest(statement), index: proof.index, tree }, proof.hashes)
  expect([earlier.size, later.size, proof.index]).toEqual([1, 2, 1])
  expect(decodeNote(later.note)).toEqual(proof.note)
  verifyConsistency({ earlier, later }, await audit.proveConsistency(earlier.size))
  verifyConsistency({ earlier, later }, await audit.proveConsistency(1, 2))
  expect(await audit.proveInclusion(toHex(statementDigest(statement)))).toEqual(await audit.proveInclusion(statement))
})

test('commits to nothing before anything is published', async () => {
  expect((await audit.checkpoint()).size).toBe(0)
  expect(await all(audit.entries())).toEqual([])
})

test('lists entries in their order, with what is known of them', async () => {
  const [one, two] = [await publish('one'), await publish('two', 'other')]
  node.store.bundles.delete(one.root.toString())
  const entries = await all(audit.entries())
  expect(entries.map(({ index }) => index)).toEqual([0, 1])
  expect(Object.keys(entries[0]!)).toEqual(['index', 'digest'])
  expect(entries[1]).toMatchObject({ kind: 'other', cid: two.root, statement: two.statements[0]!.statement })
})

test('lists the entries of a kind', async () => {
  await publish('one')
  const two = await publish('two', 'other')
  await publish('three')
  const entries = await all(audit.entries({ kind: 'other' }))
  expect(entries).toMatchObject([{ index: 1, cid: two.root }])
  expect((await all(audit.entries({ kind: 'note' }))).map(({ index }) => index)).toEqual([0, 2])
  const task = { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '0' } as const
  expect(await all(audit.entries({ task }))).toEqual([])
})

test('anchors its latest checkpoint, and proves an entry under that one when others came since', async () => {
  const { statements: [published] } = await publish('one')
  const anchored = await audit.anchor()
  await publish('two')
  const { size } = anchored
  const [checkpoint, proof] = [await audit.checkpoint({ size }), decodeTlogProof(await audit.proveInclusion(published!.statement, { size }))]
  const tree = { size, root: anchored.root }
  verifyInclusion({ entry: statementDigest(published!.statement), index: proof.index, tree }, proof.hashes)
  expect(decodeNote(checkpoint.note)).toEqual(proof.note)
  expect(anchor.blocks.map(({ digest }) => digest)).toEqual([checkpointDigest(decodeCheckpoint(proof.note.text))])
  expect(await audit.anchored()).toEqual([anchored])
  verifyConsistency({ earlier: checkpoint, later: await audit.checkpoint() }, await audit.proveConsistency(size))
})

test('proves no entry under a checkpoint that does not have it, or that there is not yet', async () => {
  await publish('one')
  const { statements: [published] } = await publish('two')
  await expect(audit.proveInclusion(published!.statement, { size: 1 })).rejects.toThrow(InvalidProofError)
  for (const size of [3, -1, 0.5, '1']) {
    await expect(audit.proveInclusion(published!.statement, { size: size as number })).rejects.toThrow(InvalidArgumentError)
    await expect(audit.checkpoint({ size: size as number })).rejects.toThrow(InvalidArgumentError)
  }
})

test('says that a node without an anchor has none', async () => {
  const without = createAuditTrail({ ...node, audit: createAuditParts({ ...node, log: () => {} }) }, run)
  await expect(without.anchor()).rejects.toThrow('createDataNode')
  await expect(without.anchored()).rejects.toThrow(InvalidArgumentError)
})

test('refuses what is no entry, no size and no filter', async () => {
  await publish('one')
  await expect(audit.proveInclusion(`0x${'00'.repeat(32)}`)).rejects.toThrow(NotStoredError)
  for (const wrong of [undefined, null, 5, '0x', {}]) {
    await expect(audit.proveInclusion(wrong as never)).rejects.toThrow(InvalidArgumentError)
  }
  for (const wrong of [-1, 0.5, '1', null]) {
    await expect(audit.proveConsistency(wrong as never)).rejects.toThrow(InvalidArgumentError)
  }
  await expect(audit.proveConsistency(0, 2)).rejects.toThrow(InvalidArgumentError)
  await expect(audit.proveConsistency(1, 0)).rejects.toThrow(SmallerTreeError)
  expect(() => audit.entries(null as never)).toThrow(InvalidArgumentError)
  expect(() => audit.entries({ kind: 5 } as never)).toThrow(InvalidArgumentError)
})

test('ends with the reason of a signal', async () => {
  const reason = new Error('enough')
  const signal = AbortSignal.abort(reason)
  await publish('one')
  await expect(audit.checkpoint({ signal })).rejects.toBe(reason)
  await expect(all(audit.entries({}, { signal }))).rejects.toBe(reason)
  await expect(audit.proveConsistency(0, 1, { signal })).rejects.toBe(reason)
})
