import { describe, expect, it } from 'vitest'
import { checkEvidenceFor } from '../../src/audit/find-evidence.ts'
import { proveEvidence } from '../../src/audit/prove-evidence.ts'
import { verifyStatement } from '../../src/format/statement.ts'
import { ChainUnreachable, anchorOf } from './anchors.ts'
import { publishNotes, startParts } from './nodes.ts'
import type { AnchorReceipt } from '../../src/interface/anchor.ts'
import type { EvidenceForOptions, FoundEvidence } from '../../src/interface/evidence-lookup.ts'
import type { Statement } from '../../src/interface/statement.ts'
import type { NodeParts } from './nodes.ts'

const task = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '2', taskId: '3' }

async function prove ({ audit, run, lines }: NodeParts, statements: readonly Statement[], options: EvidenceForOptions = {},
  signal: AbortSignal = new AbortController().signal): Promise<FoundEvidence[]> {
  const found = statements.map(statement => ({ signed: verifyStatement(statement), delegations: [], providers: [] }))
  return await proveEvidence({ followed: audit.followed, run, log: lines.log }, found, checkEvidenceFor(task, options), signal)
}

describe('proveEvidence', () => {
  it('proves what is in the log of an oracle that was named, by one look, and follows nobody', async () => {
    const [oracle, stranger] = [await startParts(1), await startParts(2)]
    const statements = await publishNotes(oracle, 3)
    await stranger.network.connect(oracle.place)
    const found = await prove(stranger, statements, { oracle: oracle.identity.address })
    expect(found.map(({ inclusion }) => [inclusion?.log.address, inclusion?.log.index, inclusion?.log.size]))
      .toEqual([0, 1, 2].map(index => [oracle.identity.address, index, 3]))
    expect(await stranger.audit.followed.list()).toEqual([])
  })

  it('looks at nobody\'s log who was not named, but at those that are followed, also when they are gone', async () => {
    const [oracle, stranger] = [await startParts(1), await startParts(2)]
    const [one] = await publishNotes(oracle, 1)
    await stranger.network.connect(oracle.place)
    expect((await prove(stranger, [one!])).map(({ inclusion }) => inclusion)).toEqual([undefined])
    await stranger.audit.followed.follow(oracle.identity.address, { providers: [oracle.place], signal: new AbortController().signal })
    const [two] = await publishNotes(oracle, 1)
    await oracle.network.stop()
    const [first, second] = await prove(stranger, [one!, two!])
    expect(first?.inclusion?.log.size).toBe(1)
    expect(second).toMatchObject({ receipts: [] })
    expect(second).not.toHaveProperty('inclusion')
  })

  it('says nothing of an oracle that cannot be looked at', async () => {
    const [oracle, stranger] = [await startParts(1), await startParts(2)]
    const statements = await publishNotes(oracle, 1)
    const [found] = await prove(stranger, statements, { oracle: oracle.identity.address })
    expect(found).not.toHaveProperty('inclusion')
    expect(stranger.lines.all.join('\n')).toMatch(/cannot be looked at/)
  })

  it('asks anchors for the checkpoint of a proof, and passes over those that fail or answer something else', async () => {
    const [oracle, stranger] = [await startParts(1), await startParts(2)]
    const statements = await publishNotes(oracle, 2)
    await stranger.network.connect(oracle.place)
    const named = { oracle: oracle.identity.address }
    const [{ inclusion }] = await prove(stranger, statements, named) as [FoundEvidence]
    const receipt: AnchorReceipt = { digest: inclusion!.log.digest, anchor: 'a', blockNumber: '1', blockHash: `0x${'22'.repeat(32)}`, time: '3' }
    const anchors = [
      anchorOf('failing', { fails: new ChainUnreachable('nobody answers') }), anchorOf('empty', {}),
      anchorOf('lying', { found: { ...receipt, digest: `0x${'00'.repeat(32)}` } }), anchorOf('a', { found: receipt })
    ]
    const found = await prove(stranger, statements, { ...named, anchors })
    expect(found.map(({ receipts }) => receipts)).toEqual([[receipt], [receipt]])
    expect(stranger.lines.all.filter(line => line.includes('does not say whether it has'))).toHaveLength(1)
  })

  it('ends with the reason of its signal', async () => {
    const stranger = await startParts(2)
    const statements = await publishNotes(await startParts(1), 1)
    const reason = new Error('enough')
    await expect(prove(stranger, statements, { oracle: verifyStatement(statements[0]!).signer }, AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})
