import { describe, expect, it } from 'vitest'
import { checkEvidenceFor, describeFound, findEvidence } from '../../src/audit/find-evidence.ts'
import { encodeDelegation } from '../../src/format/delegation.ts'
import { encodeEvidenceAnswer, evidenceProtocol } from '../../src/format/evidence-messages.ts'
import { delimited } from '../../src/format/protobuf.ts'
import { encodeStatement, signStatement } from '../../src/format/statement.ts'
import { KnownDelegations } from '../../src/network/known-delegations.ts'
import { FakeStore } from '../bundle/fake-store.ts'
import { addressOf, delegate, signWith, walletKey } from '../network/delegations.ts'
import { startPeer } from '../transfer/support.ts'
import type { ToldEvidence } from '../../src/audit/find-evidence.ts'
import type { Delegation } from '../../src/interface/delegation.ts'
import type { EvidenceForOptions } from '../../src/interface/evidence-lookup.ts'
import type { Statement, StatementBody } from '../../src/interface/statement.ts'

const task = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '2', taskId: '3' }
const controller = new AbortController()
type Peer = Awaited<ReturnType<typeof startPeer>>

/** Evidence on the task by the node of this key, at a time that tells one from the other. */
async function stated (by: number, time: number, change: Partial<StatementBody> = {}): Promise<Statement> {
  const root = `0x${time.toString(16).padStart(64, '0')}` as const
  return await signStatement({
    kind: 'evidence', root, answers: `0x${'aa'.repeat(32)}`, task, access: 'anyone', salt: `0x${'55'.repeat(32)}`, time: String(time), ...change
  }, signWith(by))
}

async function startTelling (n: number, statements: (Statement | Uint8Array)[], delegations: Delegation[] = []): Promise<Peer> {
  return await startSending(n, encodeEvidenceAnswer({
    status: 'ok',
    statements: statements.map(each => each instanceof Uint8Array ? each : encodeStatement(each)),
    delegations: delegations.map(encodeDelegation)
  }))
}

async function startSending (n: number, bytes: Uint8Array): Promise<Peer> {
  const peer = await startPeer(n)
  await peer.handle(evidenceProtocol, async stream => {
    stream.send(bytes)
    await stream.close()
  })
  return peer
}

let strangers = 50

interface Found {
  found: ToldEvidence[]
  lines: string[]
}

async function find (peers: readonly Peer[], options: EvidenceForOptions = {}, timeoutMs = 5000): Promise<Found> {
  const stranger = await startPeer(strangers++)
  const lines: string[] = []
  const log = (line: string): void => { lines.push(line) }
  const components = { network: stranger, store: new FakeStore(), delegations: new KnownDelegations(), log, timeoutMs }
  const search = checkEvidenceFor(task, { providers: peers.map(({ dialled }) => dialled), ...options })
  return { found: await findEvidence(components, search, { signal: controller.signal }), lines }
}

const times = ({ found }: { found: ToldEvidence[] }): [string, string][] => found.map(({ signed: { signer, statement } }) => [signer, statement.time])

describe('findEvidence', () => {
  it('gives each statement once, in groups by signer, the newest first, with all who told of it', async () => {
    const [a, b, c] = [await stated(20, 5), await stated(21, 9), await stated(20, 7)]
    const [one, two] = [await startTelling(1, [a, b]), await startTelling(2, [c, a])]
    const all = await find([one, two])
    expect(times(all)).toEqual([[addressOf(21), '9'], [addressOf(20), '7'], [addressOf(20), '5']])
    expect(all.found.at(-1)?.providers.toSorted()).toEqual([one.identity.peerId, two.identity.peerId].sort())
  })

  it('drops what a liar tells: garbage, what is about something else, and what others signed than was asked', async () => {
    const good = await stated(20, 5)
    const forged = { ...good, time: '6' }
    const liar = await startTelling(1, [
      new TextEncoder().encode('garbage'), await stated(20, 6, { kind: 'result' }), await stated(20, 7, { task: { ...task, taskId: '4' } }),
      await stated(22, 8), forged, good
    ])
    const { found, lines } = await find([liar], { oracle: addressOf(20) })
    expect(found.map(({ signed }) => signed.statement.time)).toEqual(['5'])
    expect(lines.join('\n')).toMatch(/was dropped/)
  })

  it('takes what a node signed that speaks for the oracle, and not what it signed when it did not', async () => {
    const peer = await startTelling(1, [await stated(20, 1500), await stated(20, 2500)], [await delegate(20)])
    const { found } = await find([peer], { oracle: addressOf(walletKey) })
    expect(found.map(describeFound)).toMatchObject([{ signer: addressOf(20), wallets: [addressOf(walletKey)], statement: { time: '1500' } }])
  })

  it('goes on without peers that stall, flood, send garbage, are busy or speak another protocol', async () => {
    const silent = await startPeer(1)
    await silent.handle(evidenceProtocol, async () => { await Promise.withResolvers<undefined>().promise })
    const flood = await startPeer(2)
    await flood.handle(evidenceProtocol, async stream => {
      const piece = new Uint8Array(100_000)
      stream.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f))
      stream.send(piece)
    })
    const garbage = await startSending(3, delimited([Uint8Array.of(0)]))
    const statements = Array<Uint8Array>(9).fill(Uint8Array.of(1))
    const many = await startSending(4, encodeEvidenceAnswer({ status: 'ok', statements, delegations: [] }))
    const busy = await startSending(5, encodeEvidenceAnswer({ status: 'busy', statements: [], delegations: [] }))
    const bad = [silent, flood, garbage, many, busy, await startPeer(6)]
    const honest = await startTelling(7, [await stated(20, 5)])
    expect(times(await find([...bad, honest], {}, 500))).toEqual([[addressOf(20), '5']])
    const failed = await find(bad, {}, 500).catch((error: unknown) => error)
    expect(failed).toMatchObject({ name: 'UnavailableError' })
    expect((failed as { details: { attempts: unknown[] } }).details.attempts).toHaveLength(6)
  })

  it('ends with the reason of its signal', async () => {
    const reason = new Error('enough')
    const stranger = await startPeer(strangers++)
    const ending = new AbortController()
    const silent = await startPeer(1)
    await silent.handle(evidenceProtocol, async () => {
      ending.abort(reason)
      await Promise.withResolvers<undefined>().promise
    })
    const components = { network: stranger, store: new FakeStore(), delegations: new KnownDelegations(), log: () => {} }
    const search = checkEvidenceFor(task, { providers: [silent.dialled] })
    await expect(findEvidence(components, search, { signal: ending.signal })).rejects.toBe(reason)
  })
})
