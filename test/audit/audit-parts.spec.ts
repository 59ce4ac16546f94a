import { expect, test } from 'vitest'
import { createAuditParts, startAuditParts, stopAuditParts } from '../../src/audit/audit-parts.ts'
import { decodeSeenCheckpoint, encodeSeenCheckpoint } from '../../src/format/seen-checkpoint.ts'
import { verifyKept } from '../../src/audit/kept-checkpoints.ts'
import { askWitness } from '../../src/transfer/witness.ts'
import { testNode } from '../bundle/fixtures.ts'
import { startPeer } from '../transfer/support.ts'
import { publishNotes, startParts } from './nodes.ts'
import { otherHead, seenOf } from './seen.ts'
import { formatAuditOrigin } from '../../src/format/audit-origin.ts'
import { signerOf } from './trails.ts'
import type { CheckpointSource } from '../../src/audit/trail-guard.ts'
import type { NodeParts } from './nodes.ts'
import type { WitnessAnswer } from '../../src/interface/witness.ts'

const signal = new AbortController().signal
let peers = 10

async function ask (node: NodeParts, checkpoint?: Uint8Array): Promise<WitnessAnswer> {
  const peer = await startPeer(peers++)
  return await askWitness(peer, await peer.connect(node.place), { op: 'ask', ...checkpoint === undefined ? {} : { checkpoint } }, { signal })
}

test('show the node\'s own log to a stranger, with the bundle that has it', async () => {
  const node = await startParts(1)
  await publishNotes(node, 2)
  const { status, checkpoint, trail } = await ask(node)
  expect(status).toBe('ok')
  expect(verifyKept(decodeSeenCheckpoint(checkpoint!)).checkpoint.size).toBe(2)
  expect(node.store.record(trail!)?.kind).toBe('trail')
})

test('say that the log contradicts what somebody has seen, and show it all the same', async () => {
  const node = await startParts(1)
  await publishNotes(node, 2)
  const origin = formatAuditOrigin({ address: node.identity.address, repositoryId: node.store.repositoryId })
  const seen = encodeSeenCheckpoint(await seenOf(otherHead(2), { ...signerOf(1), origin }))
  const { status, checkpoint } = await ask(node, seen)
  expect(status).toBe('conflict')
  expect(verifyKept(decodeSeenCheckpoint(checkpoint!)).checkpoint.size).toBe(2)
  expect(node.audit.guard.refusal).toMatchObject({ name: 'ForkedTrailError' })
  expect((await ask(node)).status).toBe('conflict')
})

test('ask who else may know the log, beside routers', async () => {
  const node = testNode(1)
  const asked: string[] = []
  const anchor: CheckpointSource = {
    name: 'anchor',
    newest: async origin => {
      asked.push(origin)
      return undefined
    }
  }
  const parts = createAuditParts({ ...node, log: () => {}, sources: [anchor] })
  await startAuditParts(parts)
  await parts.statements.flush()
  expect(asked).toEqual([formatAuditOrigin({ address: node.identity.address, repositoryId: node.store.repositoryId })])
  await stopAuditParts(parts)
})
