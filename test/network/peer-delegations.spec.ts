import { beforeEach, describe, expect, it } from 'vitest'
import { shownDelegationsMax } from '../../src/limits.ts'
import { KnownDelegations } from '../../src/network/known-delegations.ts'
import { PeerDelegations } from '../../src/network/peer-delegations.ts'
import { readVectors } from '../format/vectors.ts'
import { addressOf, peerOf, shown, signed, walletKey } from './delegations.ts'
import type { Delegation } from '../../src/interface/delegation.ts'
import { encodeDelegation } from '../../src/format/delegation.ts'

const wallet = addressOf(walletKey)
const [node, other] = [peerOf(101), peerOf(102)]
let known: KnownDelegations
let speakers: PeerDelegations
let seconds: number
let lines: string[]

beforeEach(() => {
  known = new KnownDelegations()
  seconds = 1500
  lines = []
  speakers = new PeerDelegations({ known, clock: () => seconds * 1000, log: line => { lines.push(line) } })
})

describe('show', () => {
  it('lets a peer speak for the wallet, and be found by it, until it is not connected any more', async () => {
    expect(speakers.walletOf(node)).toBeUndefined()
    expect(speakers.show(node, await shown(101))).toBe(true)
    expect(speakers.walletOf(node)).toBe(wallet)
    expect(speakers.find(wallet)).toBe(node)
    expect(speakers.find(wallet.toUpperCase().replace('0X', '0x'))).toBe(node)
    expect(speakers.walletOf(other)).toBeUndefined()
    speakers.forget(node.peerId)
    expect(speakers.walletOf(node)).toBeUndefined()
    expect(speakers.find(wallet)).toBeUndefined()
  })

  it('refuses the delegation of another node, whoever replays it, and says so', async () => {
    expect(speakers.show(other, await shown(101))).toBe(false)
    expect(speakers.show(other, await shown(101))).toBe(false)
    expect(speakers.walletOf(other)).toBeUndefined()
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('is not that node')
  })

  it('refuses it from a peer without an address', async () => {
    expect(speakers.show({ address: undefined, peerId: 'kubo' }, await shown(101))).toBe(false)
  })

  it('counts what is over, has not begun or was taken back for nothing, and calls it no fault', async () => {
    for (const terms of [{ time: 1000, until: 1499 }, { time: 1501, until: 2000 }, { time: 1000, until: 0 }]) {
      expect(speakers.show(node, await shown(101, terms))).toBe(true)
      expect(speakers.walletOf(node)).toBeUndefined()
    }
  })

  it('ends by itself', async () => {
    speakers.show(node, await shown(101))
    seconds = 2000
    expect(speakers.walletOf(node)).toBe(wallet)
    seconds = 2001
    expect(speakers.walletOf(node)).toBeUndefined()
    expect(speakers.find(wallet)).toBeUndefined()
  })

  it('refuses what is none, without keeping the peer from showing the right one', async () => {
    for (const bytes of [new Uint8Array(), new Uint8Array(100_000)]) expect(speakers.show(node, bytes)).toBe(false)
    expect(speakers.show(node, await shown(101))).toBe(true)
    expect(speakers.walletOf(node)).toBe(wallet)
  })

  it('checks so many different ones of a connection and no more, and the same one once', async () => {
    const first = await shown(101)
    for (let i = 0; i < 3; i++) expect(speakers.show(node, first)).toBe(true)
    for (let i = 1; i < shownDelegationsMax; i++) expect(speakers.show(node, await shown(101, { until: 2000 + i }))).toBe(true)
    expect(speakers.show(node, await shown(101, { until: 9999 }))).toBe(false)
    speakers.forget(node.peerId)
    expect(speakers.show(node, await shown(101, { until: 9999 }))).toBe(true)
  })

  const vectors = readVectors('delegation') as { wallet: string, badSignatures: { name: string, delegation: Delegation }[], otherWallets: { name: string, delegation: Delegation }[] }

  it.each([...vectors.badSignatures, ...vectors.otherWallets])('does not let a peer speak by a forged one: $name', ({ delegation }) => {
    seconds = Number(delegation.time)
    speakers.show({ address: delegation.node, peerId: 'peer' }, encodeDelegation(delegation))
    expect(speakers.find(vectors.wallet)).toBeUndefined()
    expect(speakers.walletOf({ address: delegation.node, peerId: 'peer' })).not.toBe(vectors.wallet)
  })
})

describe('a later delegation', () => {
  it('takes the wallet from a peer when the host says it', async () => {
    speakers.show(node, await shown(101))
    known.learn(await signed(101, { time: 1400, until: 1400 }))
    expect(speakers.walletOf(node)).toBeUndefined()
    expect(speakers.show(node, await shown(101))).toBe(true)
    expect(speakers.walletOf(node)).toBeUndefined()
  })

  it('takes it from one node when another shows it, also after that one has gone', async () => {
    speakers.show(node, await shown(101))
    speakers.show(other, await shown(102, { time: 1400 }))
    expect([speakers.walletOf(node), speakers.walletOf(other)]).toEqual([undefined, wallet])
    expect(speakers.find(wallet)).toBe(other)
    speakers.forget(other.peerId)
    expect(speakers.walletOf(node)).toBeUndefined()
  })

  it('of another wallet takes nothing', async () => {
    speakers.show(node, await shown(101))
    known.learn(await signed(101, { time: 1400, until: 0, by: 7 }))
    expect(speakers.walletOf(node)).toBe(wallet)
  })
})

describe('accountOf', () => {
  it('is the wallet by what is shown now or was before, else the peer itself', async () => {
    expect(speakers.accountOf(node, undefined)).toBe(node.address)
    expect(speakers.accountOf(node, await shown(102))).toBe(node.address)
    expect(speakers.accountOf(node, await shown(101))).toBe(wallet)
    expect(speakers.accountOf(node, undefined)).toBe(wallet)
    expect(speakers.accountOf({ address: undefined, peerId: 'kubo' }, undefined)).toBeUndefined()
  })
})
