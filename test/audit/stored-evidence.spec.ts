import { describe, expect, it } from 'vitest'
import { storedEvidence, tellEvidence } from '../../src/audit/stored-evidence.ts'
import { decodeDelegation } from '../../src/format/delegation.ts'
import { cidOf } from '../../src/format/digest.ts'
import { readStatement, signStatement } from '../../src/format/statement.ts'
import { foundEvidenceMax } from '../../src/limits.ts'
import { KnownDelegations } from '../../src/network/known-delegations.ts'
import { ReaderCheck } from '../../src/transfer/readers.ts'
import { FakeStore } from '../bundle/fake-store.ts'
import { addressOf, peerOf, signed, signWith, walletKey } from '../network/delegations.ts'
import type { StoredBundle } from '../../src/interface/store.ts'

const task = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '2', taskId: '3' }
const reader = peerOf(30)
const options = { signal: new AbortController().signal }

class Scene {
  readonly store = new FakeStore()
  readonly delegations: KnownDelegations = new KnownDelegations()
  readonly mayRead: ReaderCheck['mayRead'] = new ReaderCheck({ log: () => {} }).mayRead

  /** Evidence on the task, stored as the n-th. */
  async add (n: number, by: number, change: Partial<StoredBundle> = {}, time = 1500): Promise<void> {
    const root = cidOf(`0x${n.toString(16).padStart(64, '0')}`)
    const statement = await signStatement({
      kind: 'evidence', root: `0x${n.toString(16).padStart(64, '0')}`, answers: `0x${'aa'.repeat(32)}`, task, access: 'anyone', salt: `0x${'55'.repeat(32)}`,
      time: String(time)
    }, signWith(by))
    this.store.bundles.set(root.toString(), {
      root, kind: 'evidence', origin: 'fetched', readers: 'anyone', embargoed: false, holds: [], task, storedAt: n, bytes: 1, blocks: 1,
      statements: [{ statement, signer: addressOf(by) }], ...change
    })
  }

  async told (question: object = {}): Promise<number[]> {
    const { statements } = await tellEvidence(this, { task, ...question }, reader, options)
    return statements.map(bytes => Number(BigInt(readStatement(bytes).statement.root)))
  }
}

describe('what a peer is told of stored evidence', () => {
  it('is on the task that it asks about, what was stored last first, and a few at most', async () => {
    const scene = new Scene()
    for (let n = 1; n <= foundEvidenceMax + 3; n++) await scene.add(n, 20)
    await scene.add(90, 20, { kind: 'result' })
    await scene.add(91, 20, { task: { ...task, taskId: '4' } })
    expect(await scene.told()).toEqual(Array.from({ length: foundEvidenceMax }, (_, n) => foundEvidenceMax + 3 - n))
    expect(await scene.told({ task: { ...task, taskId: '5' } })).toEqual([])
    expect([...storedEvidence(scene, { task })]).toHaveLength(foundEvidenceMax + 3)
  })

  it('is what it may read, and nothing shows that there is more', async () => {
    const scene = new Scene()
    await scene.add(1, 20, { readers: [] })
    await scene.add(2, 20, { readers: [reader.address!] })
    await scene.add(3, 20, { embargoed: true })
    await scene.add(4, 20, { readers: ({ peerId }) => peerId === reader.peerId })
    await scene.add(5, 20, { readers: () => false })
    expect(await scene.told()).toEqual([4, 2])
    for (const root of scene.store.bundles.keys()) Object.assign(scene.store.bundles.get(root)!, { readers: [] })
    expect(await tellEvidence(scene, { task }, reader, options)).toEqual(await tellEvidence(new Scene(), { task }, reader, options))
  })

  it('is not what was taken back while a function was asked', async () => {
    const scene = new Scene()
    await scene.add(1, 20, { readers: async () => {
      const [stored] = scene.store.bundles.values()
      Object.assign(stored!, { readers: [] })
      return true
    } })
    expect(await scene.told()).toEqual([])
  })

  it('counts as of whom it asks for, by what is known of delegations, which come along', async () => {
    const scene = new Scene()
    const delegation = await signed(20)
    await scene.add(1, 20, { delegations: [delegation] })
    await scene.add(2, 21)
    await scene.add(3, 20, { delegations: [delegation] }, 2500)
    expect(await scene.told({ signer: addressOf(21) })).toEqual([2])
    expect(await scene.told({ signer: addressOf(20) })).toEqual([3, 1])
    expect(await scene.told({ signer: addressOf(walletKey) })).toEqual([1])
    const { delegations } = await tellEvidence(scene, { task }, reader, options)
    expect(delegations.map(decodeDelegation)).toEqual([delegation.delegation])
    scene.delegations.learn(await signed(20, { time: 1600, until: 0 }))
    expect(await scene.told({ signer: addressOf(walletKey) })).toEqual([])
  })
})
