import { describe, expect, it } from 'vitest'
import { checkOfferOptions, offeredResults } from '../../src/audit/offered-results.ts'
import { openHandle } from '../../src/bundle/handle.ts'
import { resultBundleInit } from '../../src/bundle/result.ts'
import { taskBundleInit } from '../../src/bundle/task.ts'
import { signStatement } from '../../src/format/statement.ts'
import { offeredBytesMax, offeredPerTaskMax, offerStallTimeoutMs } from '../../src/limits.ts'
import { FakeTransfer, noteInit, publishStored, testNode } from '../bundle/fixtures.ts'
import type { TestNode } from '../bundle/fixtures.ts'
import type { Readers, TaskBundle } from '../../src/interface/bundle.ts'
import type { ResultInit } from '../../src/interface/data-node.ts'
import type { OfferOptions, ResultOffer } from '../../src/interface/offer.ts'
import type { StoredBundle } from '../../src/interface/store.ts'
import type { OfferPolicy, PeerOffer } from '../../src/transfer/accept-offers.ts'

const session = { chainId: '1', queue: `0x${'cc'.repeat(20)}` as const, sessionId: '7' }
const options = { signal: new AbortController().signal }
const [minerKey, routerKey, otherKey] = [1, 9, 2]

interface Scene {
  router: TestNode
  miner: TestNode
  transfer: FakeTransfer
  task: TaskBundle
  policy: (init?: OfferOptions) => OfferPolicy
  /** Publishes a result of the miner. */
  answer: (result?: Partial<ResultInit>, by?: TestNode) => Promise<PeerOffer>
}

/** A router with a task, and a miner that is named as its reader. */
async function scene (readers?: Readers): Promise<Scene> {
  const miner = testNode(minerKey)
  const transfer = new FakeTransfer([miner.store])
  const router = testNode(routerKey, transfer)
  const init = taskBundleInit({ session, prompt: 'p' }, readers ?? [miner.identity.address], router.identity)
  const task = await openHandle(router, await publishStored(router, init)) as TaskBundle
  const answer: Scene['answer'] = async (result = {}, by = miner) => {
    const init = resultBundleInit({ task, taskId: '0', output: 'o', ...result }, { reveal: 'now', supersede: true }, by)
    const { root, answers = root } = await publishStored(by, init)
    return offerOf(by, { root, answers })
  }
  return { router, miner, transfer, task, policy: init => offeredResults(router, init), answer }
}

function offerOf ({ identity }: TestNode, { root, answers }: Pick<PeerOffer, 'root' | 'answers'>): PeerOffer {
  return { root, answers, peerId: identity.peerId, address: identity.address }
}

const heldResults = ({ store }: TestNode): StoredBundle[] => [...store.records()].filter(({ kind }) => kind === 'result')

describe('wants', () => {
  it('results of tasks that this node published and holds, from the miners that it named as their readers', async () => {
    const { policy, answer } = await scene()
    expect(await policy().wants(await answer())).toBe(true)
    expect(await policy({ from: 'readers' }).wants(await answer())).toBe(true)
  })

  it('nothing from a peer that is not named', async () => {
    const { policy, answer } = await scene()
    expect(await policy().wants(await answer({}, testNode(otherKey)))).toBe(false)
  })

  it('nothing for a task that anyone may read', async () => {
    const { policy, answer } = await scene('anyone')
    expect(await policy().wants(await answer())).toBe(false)
  })

  it('nothing for a task whose readers a function decides on: it names nobody', async () => {
    const { policy, answer } = await scene(() => true)
    expect(await policy().wants(await answer())).toBe(false)
  })

  it('nothing for what is not stored, is no task, is not held any more, or was published by another node', async () => {
    const { router, task, policy, answer } = await scene()
    const offer = await answer()
    expect(await policy().wants({ ...offer, answers: offer.root })).toBe(false)
    const note = await publishStored(router, noteInit([], { readers: [offer.address] }))
    expect(await policy().wants({ ...offer, answers: note.root })).toBe(false)
    const other = testNode(otherKey)
    const foreign = await publishStored(other, taskBundleInit({ session, prompt: 'q' }, [offer.address], other.identity))
    router.store.bundles.set(foreign.root.toString(), foreign)
    expect(await policy().wants({ ...offer, answers: foreign.root })).toBe(false)
    await router.store.update(task.cid, { holds: [{ owner: 'host', until: 5 }] })
    expect(await policy().wants(offer)).toBe(false)
  })

  it('nothing when its host says so, or when results are not held anyway', async () => {
    const { router, policy, answer } = await scene()
    const offer = await answer()
    expect(await policy({ from: 'nobody' }).wants(offer)).toBe(false)
    expect(await offeredResults({ ...router, retention: { result: 0 } }, { from: () => true }).wants(offer)).toBe(false)
    expect(await offeredResults({ ...router, retention: { result: 1 } }).wants(offer)).toBe(true)
  })

  it.each([true, false])('what a function of the host wants: %j', async wanted => {
    const { policy, answer } = await scene('anyone')
    const offer = await answer()
    const asked: ResultOffer[] = []
    const from = async (offered: ResultOffer): Promise<boolean> => {
      asked.push(offered)
      return await Promise.resolve(wanted)
    }
    expect(await policy({ from }).wants(offer)).toBe(wanted)
    expect(asked).toEqual([{ cid: offer.root, task: offer.answers, miner: offer.address }])
  })
})

describe('take', () => {
  it('fetches a result from its miner, and holds it as long as results stay', async () => {
    const { router, miner, transfer, policy, answer } = await scene()
    const offer = await answer()
    await policy().take(offer, options)
    expect(heldResults(router)).toMatchObject([{
      root: offer.root, origin: 'fetched', readers: [miner.identity.address], task: { ...session, taskId: '0' }, holds: [{ owner: 'offered' }]
    }])
    expect(transfer.calls[0]?.options).toMatchObject({
      providers: [miner.identity.peerId], asksRouters: false, bytesMax: offeredBytesMax, stallTimeoutMs: offerStallTimeoutMs, ...options
    })
  })

  it('takes no more bytes than the host says', async () => {
    const { router, transfer, policy, answer } = await scene()
    await expect(policy({ bytesMax: 100 }).take(await answer(), options)).rejects.toMatchObject({ name: 'LimitExceededError' })
    expect(transfer.calls[0]?.options.bytesMax).toBe(100)
    expect(heldResults(router)).toEqual([])
  })

  it.each<[string, string, (scene: Scene) => Promise<PeerOffer>]>([
    ['the result of another task', 'WrongTaskError', async ({ task, answer, router }) => {
      const init = taskBundleInit({ session, prompt: 'other' }, [], router.identity)
      const other = await openHandle(router, await publishStored(router, init)) as TaskBundle
      return { ...await answer({ task: other }), answers: task.cid }
    }],
    ['a result for another session', 'WrongTaskError', async ({ task, answer }) =>
      await answer({ task: Object.assign(Object.create(task) as TaskBundle, { manifest: { ...task.manifest, session: { ...session, sessionId: '8' } } }) })],
    ['the result of another miner', 'WrongMinerError', async ({ answer, transfer, miner }) => {
      const other = testNode(otherKey)
      transfer.stores.push(other.store)
      return offerOf(miner, await answer({}, other))
    }],
    ['a result that its miner did not sign', 'UnsignedError', async ({ answer, miner }) => {
      const offer = await answer()
      await miner.store.update(offer.root, { statements: [] })
      return offer
    }],
    ['a result that somebody else signed', 'WrongSignerError', async ({ answer, miner }) => {
      const offer = await answer()
      const { identity } = testNode(otherKey)
      const [own] = miner.store.record(offer.root)?.statements ?? []
      if (own === undefined) throw new Error('its miner has not signed it')
      const statement = await signStatement(own.statement, async digest => await identity.sign(digest))
      await miner.store.update(offer.root, { statements: [{ statement, signer: identity.address }] })
      return offer
    }],
    ['a bundle of another kind', 'WrongKindError', async ({ task, miner }) => {
      const { root } = await publishStored(miner, noteInit([{ name: 'a', text: 'x' }]))
      return offerOf(miner, { root, answers: task.cid })
    }]
  ])('refuses %s, and keeps nothing of it', async (_, name, offerOfScene) => {
    const set = await scene()
    const offer = await offerOfScene(set)
    await expect(set.policy().take(offer, options)).rejects.toMatchObject({ name })
    expect(heldResults(set.router)).toEqual([])
  })

  it('takes the result of a task that it does not know, when its host wants it, and that its miner signed as it is', async () => {
    const { task, answer, miner } = await scene('anyone')
    const other = testNode(otherKey, new FakeTransfer([miner.store]))
    const offer = await answer()
    await offeredResults(other, { from: () => true }).take(offer, options)
    expect(heldResults(other).map(({ answers }) => `${answers}`)).toEqual([`${task.cid}`])
    const { root } = offer
    await expect(offeredResults(other, { from: () => true }).take({ ...offer, answers: root }, options)).rejects.toMatchObject({ name: 'WrongTaskError' })
  })

  it('holds so many results of a miner for one task, and each of them again', async () => {
    const { router, policy, answer } = await scene()
    const offers: PeerOffer[] = []
    for (let i = 0; i < offeredPerTaskMax; i++) offers.push(await answer({ output: i }))
    for (const offer of offers) await policy().take(offer, options)
    const further = await answer({ output: 'further' })
    await expect(policy().take(further, options)).rejects.toMatchObject({ details: { limit: 'offeredPerTaskMax', max: offeredPerTaskMax } })
    const [first = further] = offers
    await policy().take(first, options)
    expect(heldResults(router)).toHaveLength(offeredPerTaskMax)
    await router.store.update(first.root, { holds: [{ owner: 'host' }] })
    await policy().take(further, options)
    expect(heldResults(router)).toHaveLength(offeredPerTaskMax + 1)
  })
})

describe('checkOfferOptions', () => {
  it.each([{}, { from: 'readers' }, { from: 'nobody' }, { from: () => true }, { bytesMax: 1 }])('takes %o', init => {
    expect(() => { checkOfferOptions(init) }).not.toThrow()
  })

  it.each([null, 5, [], { from: 'anyone' }, { from: true }, { bytesMax: 0 }, { bytesMax: '5' }])('refuses %o', init => {
    expect(() => { checkOfferOptions(init) }).toThrow(expect.objectContaining({ name: 'InvalidArgumentError', message: expect.stringMatching(/^offers/) as string }))
  })
})
