import { memory } from '@libp2p/memory'
import { describe, expect, it } from 'vitest'
import { NotConfirmedError, PeerUnreachableError, StoppedError } from '../../src/errors.ts'
import { delimited } from '../../src/format/protobuf.ts'
import { confirmRoot } from '../../src/transfer/confirm.ts'
import { ReaderCheck } from '../../src/transfer/readers.ts'
import { startNetwork } from '../network/support.ts'
import { offered, startRawTaker, startTaker } from './offer-support.ts'
import { startPeer } from './support.ts'
import type { ConnectedPeer, Network, RouterPeer } from '../../src/interface/network.ts'
import type { OfferAnswer, RouterAnswer } from '../../src/interface/offer.ts'
import type { Readers } from '../../src/interface/bundle.ts'
import type { Address } from '../../src/interface/primitives.ts'
import type { ConfirmInit } from '../../src/transfer/confirm.ts'

const random = (): number => 0
const { mayRead } = new ReaderCheck({ log: () => {} })
const urn = `urn:blob:v2:ipfs:${offered.root.toString()}`
const held = (): OfferAnswer => ({ status: 'held' })

type Peer = Awaited<ReturnType<typeof startPeer>>

/** A node with these routers, all of them connected. */
async function startMiner (...routers: Peer[]): Promise<Network> {
  const miner = await startNetwork(100, { transports: [memory()], routers: routers.map(({ dialled }) => dialled) })
  await miner.ready()
  return miner
}

async function confirm (network: Pick<Network, 'routerPeers' | 'openStream'>, init: Partial<ConfirmInit> = {}): Promise<Address[]> {
  const signal = new AbortController().signal
  return await confirmRoot({ network, random, mayRead }, offered, { routers: 1, readers: 'anyone', timeoutMs: 20_000, signal, ...init })
}

async function refusal (confirming: Promise<unknown>): Promise<NotConfirmedError & { routers: RouterAnswer[] }> {
  const error: unknown = await confirming.then(() => undefined, (error: unknown) => error)
  if (!(error instanceof NotConfirmedError)) throw new Error('it is not refused', { cause: error })
  return Object.assign(error, { routers: error.details['routers'] as RouterAnswer[] })
}

/** Routers that are connected in their own way. */
function withRouters (network: Network, ...connects: RouterPeer['connect'][]): Pick<Network, 'routerPeers' | 'openStream'> {
  return {
    routerPeers: () => connects.map((connect, i) => ({ name: `router ${i}`, find: () => undefined, connect })),
    openStream: async (peer, protocol, options) => await network.openStream(peer, protocol, options)
  }
}

describe('confirmRoot', () => {
  it('asks a function which routers may read it, and no other router', async () => {
    const [a, b] = [await startTaker(1, held), await startTaker(2, held)]
    const miner = await startMiner(a, b)
    const readers: Readers = ({ address }) => address === a.identity.address
    expect(await confirm(miner, { readers })).toEqual([a.identity.address])
    expect(b.received).toEqual([])
    const { routers } = await refusal(confirm(miner, { readers, routers: 2 }))
    expect(routers.find(({ router }) => router === b.dialled)?.said).toBe('not-a-reader')
  })

  it('gives the addresses of the routers that hold it', async () => {
    const [a, b] = [await startTaker(1, held), await startTaker(2, held)]
    const miner = await startMiner(a, b)
    expect((await confirm(miner, { routers: 2 })).sort()).toEqual([a.identity.address, b.identity.address].sort())
    expect([a.received, b.received]).toEqual([[offered], [offered]])
  })

  it('waits for no more routers than were asked for, and takes its offers to the others back', async () => {
    const ended = Promise.withResolvers<undefined>()
    const asked = Promise.withResolvers<undefined>()
    const slow = await startRawTaker(1, async stream => {
      stream.addEventListener('close', () => { ended.resolve(undefined) })
      asked.resolve(undefined)
      await ended.promise
    })
    const fast = await startTaker(2, async () => {
      await asked.promise
      return { status: 'held' }
    })
    expect(await confirm(await startMiner(slow, fast))).toEqual([fast.identity.address])
    await ended.promise
  })

  it.each<OfferAnswer>([{ status: 'busy', retryAfterMs: 1 }, { status: 'busy' }, { status: 'unavailable', reason: 'lost' }])(
    'offers it again after %j', async answer => {
      const router = await startTaker(1, () => router.received.length < 3 ? answer : { status: 'held' })
      expect(await confirm(await startMiner(router))).toEqual([router.identity.address])
      expect(router.received).toHaveLength(3)
    })

  it.each<[OfferAnswer['status'], string]>([
    ['refused', 'it did not ask for the result'], ['no-room', 'it has no room for the result'],
    ['not-accepted', 'the result is not what it has to be'], ['bad-request', 'it could not read the offer'],
    ['unknown', 'it gave a reason that this version does not know']
  ])('takes %s for the last word of a router', async (status, reason) => {
    const router = await startTaker(1, () => ({ status }))
    const { routers, retryable, details } = await refusal(confirm(await startMiner(router)))
    expect(retryable).toBe(true)
    expect(details).toMatchObject({ urn, needed: 1, confirmedBy: [] })
    expect(routers).toEqual([{ router: router.dialled, address: router.identity.address, said: status, reason }])
    expect(router.received).toHaveLength(1)
  })

  it('says that it is published, what each router said, and how to ask again', async () => {
    const [a, b] = [await startTaker(1, held), await startTaker(2, () => ({ status: 'not-accepted', reason: 'wrong\u202e\n' }))]
    const { message, details } = await refusal(confirm(await startMiner(a, b), { routers: 2 }))
    expect(message).toBe(
      `${urn} is published here, and held by 1 of the 2 routers that were asked for (${a.dialled}: held, it holds the result; ` +
      `${b.dialled}: not-accepted, "wrong\\u202e\\n"). Call confirm(2) on its handle to ask again; after a restart, result() finds it`)
    expect(details['confirmedBy']).toEqual([a.identity.address])
  })

  it('waits no longer than there are enough routers that may still hold it', async () => {
    const asked = Promise.withResolvers<undefined>()
    const silent = await startTaker(1, () => {
      asked.resolve(undefined)
      return undefined
    })
    const refusing = await startTaker(2, async () => {
      await asked.promise
      return { status: 'refused' }
    })
    const { routers } = await refusal(confirm(await startMiner(silent, refusing), { routers: 2, timeoutMs: 60_000 }))
    expect(routers.map(({ said }) => said)).toEqual(['silent', 'refused'])
  })

  it('does not ask a router that may not read it', async () => {
    const [a, b] = [await startTaker(1, held), await startTaker(2, held)]
    const miner = await startMiner(a, b)
    expect(await confirm(miner, { readers: [b.identity.address] })).toEqual([b.identity.address])
    const { routers } = await refusal(confirm(miner, { readers: [] }))
    expect(routers.map(({ said, address }) => [said, address])).toEqual([a, b].map(({ identity }) => ['not-a-reader', identity.address]))
    expect(a.received).toEqual([])
  })

  it('counts a router once, by whatever names it is known', async () => {
    const router = await startTaker(1, held)
    const miner = await startMiner(router)
    const connect = async (): Promise<ConnectedPeer> => await miner.connect(router.dialled)
    expect(await confirm(withRouters(miner, connect, connect))).toEqual([router.identity.address])
    const { details, routers } = await refusal(confirm(withRouters(miner, connect, connect), { routers: 2 }))
    expect(details['confirmedBy']).toEqual([router.identity.address])
    expect(routers.map(({ said }) => said)).toEqual(['held', 'held'])
  })

  it('asks a router that connects while it waits', async () => {
    const router = await startTaker(1, held)
    const miner = await startMiner(router)
    let tries = 0
    const late = async (): Promise<ConnectedPeer> => {
      if (++tries < 3) throw new PeerUnreachableError('not yet')
      return await miner.connect(router.dialled)
    }
    expect(await confirm(withRouters(miner, late))).toEqual([router.identity.address])
  })

  it('names a router that takes no offers, one that has no address, and one that sends what cannot be read', async () => {
    const [plain, garbled] = [await startPeer(1), await startRawTaker(2, async stream => {
      stream.send(delimited([Uint8Array.of(0)]))
      await stream.close()
    })]
    const miner = await startMiner(plain, garbled)
    const { routers } = await refusal(confirm(withRouters(miner,
      async () => await miner.connect(plain.dialled), async () => await miner.connect(garbled.dialled),
      async () => Promise.resolve({ peerId: '12D3', address: undefined }))))
    expect(routers.map(({ said }) => said)).toEqual(['unsupported', 'unknown', 'unsupported'])
    expect(routers[2]?.reason).toBe('12D3 has no EVM address')
  })

  it('gives up when its time is over, and says who was silent and who was not there', async () => {
    const silent = await startRawTaker(1, async stream => {
      await new Promise(closed => { stream.addEventListener('close', closed) })
    })
    const miner = await startMiner(silent)
    const never = async ({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<ConnectedPeer> => {
      await new Promise((_, reject) => { signal?.addEventListener('abort', () => { reject(signal.reason as Error) }) })
      throw new Error('it never connects')
    }
    const failing = async (): Promise<ConnectedPeer> => Promise.reject(new PeerUnreachableError('no route'))
    const confirming = confirm(withRouters(miner, async () => await miner.connect(silent.dialled), never, failing), { timeoutMs: 400 })
    const { routers } = await refusal(confirming)
    expect(routers).toEqual([
      { router: 'router 0', address: silent.identity.address, said: 'silent', reason: 'it has not answered yet' },
      { router: 'router 1', said: 'unreachable', reason: 'it was not connected in time' },
      { router: 'router 2', said: 'unreachable', reason: 'no route' }
    ])
  })

  it('rejects with the reason of its signal, and takes its offers back', async () => {
    const [controller, reason] = [new AbortController(), new Error('enough')]
    const ended = Promise.withResolvers<undefined>()
    const router = await startRawTaker(1, async stream => {
      stream.addEventListener('close', () => { ended.resolve(undefined) })
      controller.abort(reason)
      await ended.promise
    })
    const miner = await startMiner(router)
    await expect(confirm(miner, { signal: controller.signal })).rejects.toBe(reason)
    await ended.promise
    await expect(confirm(miner, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  it('rejects with what is no fault of a router, and asks no further', async () => {
    const router = await startTaker(1, () => ({ status: 'busy' }))
    const miner = await startMiner(router)
    const network = withRouters(miner, async () => await miner.connect(router.dialled), async () => Promise.reject(new StoppedError('stopped')))
    await expect(confirm(network)).rejects.toThrow(StoppedError)
    await expect(confirm(withRouters(miner, async () => Promise.reject(new TypeError('broken'))))).rejects.toThrow(TypeError)
  })
})
