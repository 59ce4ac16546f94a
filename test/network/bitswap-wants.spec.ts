import { describe, expect, it } from 'vitest'
import { bitswapRefusalsPerPeerMax, bitswapWantsMax, bitswapWantsPerPeerMax, bitswapWantsPerPeerMin } from '../../src/limits.ts'
import { PeerWants } from '../../src/network/bitswap-wants.ts'
import { cidOfBytes } from '../format/dags.ts'
import { wantOf } from './bitswap-peer.ts'
import type { CID } from 'multiformats/cid'

const cids: CID[] = Array.from({ length: bitswapWantsPerPeerMax + bitswapRefusalsPerPeerMax + 2 }, (_, i) =>
  cidOfBytes(0x55, Uint8Array.of(i & 255, i >> 8)))
const [a, b, c] = cids as [CID, CID, CID]

function shown (wants: PeerWants): string[] {
  return [...wants].map(({ cid, kind, sendDontHave }) => `${kind}${sendDontHave ? '!' : ''} ${cids.indexOf(cid)}`)
}

describe('PeerWants', () => {
  it('keeps wants in the order in which they came, until they are cancelled or finished', () => {
    const tally = { kept: 0 }
    const wants = new PeerWants(tally)
    for (const want of [wantOf(a), wantOf(b, 'have', false), wantOf(c)]) wants.add(want)
    expect(shown(wants)).toEqual(['block! 0', 'have 1', 'block! 2'])
    wants.add(wantOf(b, 'cancel'))
    const [first] = wants
    expect(first !== undefined && wants.finish(first)).toBe(true)
    expect(first !== undefined && wants.finish(first)).toBe(false)
    expect(shown(wants)).toEqual(['block! 2'])
    expect(tally.kept).toBe(1)
    wants.clear()
    expect(wants.isEmpty).toBe(true)
    expect(tally.kept).toBe(0)
  })

  it('refuses what is new of a peer that asks too often, and takes back what that peer cancels', () => {
    const wants = new PeerWants({ kept: 0 })
    wants.add(wantOf(a))
    wants.add(wantOf(b), { isAdmitted: false })
    wants.add(wantOf(c, 'block', false), { isAdmitted: false })
    wants.add(wantOf(a, 'cancel'), { isAdmitted: false })
    expect(shown(wants)).toEqual([])
    expect(wants.takeRefused(10)).toEqual([b])
  })

  it('does not finish a want that was cancelled and asked for anew', () => {
    const wants = new PeerWants({ kept: 0 })
    wants.add(wantOf(a))
    const [first] = wants
    wants.add(wantOf(a, 'cancel'))
    wants.add(wantOf(a))
    expect(first !== undefined && wants.finish(first)).toBe(false)
    expect(shown(wants)).toEqual(['block! 0'])
  })

  it('makes a question of whether a block is there one for the block, in its place, and never the other way', () => {
    const wants = new PeerWants({ kept: 0 })
    for (const want of [wantOf(a, 'have', false), wantOf(b)]) wants.add(want)
    const [question] = wants
    wants.add(wantOf(a, 'block', false))
    expect(question !== undefined && wants.finish(question)).toBe(false)
    wants.add(wantOf(b, 'have'))
    wants.add(wantOf(a, 'have', true))
    expect(shown(wants)).toEqual(['block! 0', 'block! 1'])
  })

  it('takes a repeated want for the one that is being answered', () => {
    const wants = new PeerWants({ kept: 0 })
    wants.add(wantOf(a))
    const [want] = wants
    wants.add(wantOf(a))
    wants.add(wantOf(a, 'have', false))
    expect(want !== undefined && wants.finish(want)).toBe(true)
    expect(wants.isEmpty).toBe(true)
  })

  it('keeps of a full list only what stands in it, also what stood in one before', () => {
    const tally = { kept: 0 }
    const wants = new PeerWants(tally)
    for (const cid of [a, b]) wants.add(wantOf(cid))
    wants.endList(false)
    expect(shown(wants)).toHaveLength(2)
    for (const cid of [b, c]) wants.add(wantOf(cid))
    wants.endList(true)
    expect(shown(wants)).toEqual(['block! 1', 'block! 2'])
    expect(tally.kept).toBe(2)
    wants.endList(true)
    expect(wants.isEmpty).toBe(true)
  })

  it('keeps so many wants and refuses those beyond, as far as it is to be told', () => {
    const wants = new PeerWants({ kept: 0 })
    for (const cid of cids) wants.add(wantOf(cid, 'have'))
    expect(shown(wants)).toHaveLength(bitswapWantsPerPeerMax)
    const [first = a] = wants.takeRefused(1)
    expect(cids.indexOf(first)).toBe(bitswapWantsPerPeerMax)
    expect(wants.takeRefused(Infinity)).toHaveLength(bitswapRefusalsPerPeerMax - 1)
    wants.add(wantOf(cids.at(-1) ?? a, 'have', false))
    expect(wants.takeRefused(Infinity)).toEqual([])
    wants.add(wantOf(first))
    wants.add(wantOf(first, 'cancel'))
    expect(wants.takeRefused(Infinity)).toEqual([])
  })

  it('keeps some wants of each peer when those of all are too many', () => {
    const tally = { kept: bitswapWantsMax - bitswapWantsPerPeerMin - 1 }
    const wants = new PeerWants(tally)
    for (const cid of cids.slice(0, bitswapWantsPerPeerMin + 5)) wants.add(wantOf(cid))
    expect(tally.kept).toBe(bitswapWantsMax)
    expect(shown(wants)).toHaveLength(bitswapWantsPerPeerMin + 1)
    expect(wants.takeRefused(Infinity)).toHaveLength(4)
    const others = new PeerWants(tally)
    for (const cid of cids.slice(0, bitswapWantsPerPeerMin + 1)) others.add(wantOf(cid))
    expect(shown(others)).toHaveLength(bitswapWantsPerPeerMin)
  })
})
