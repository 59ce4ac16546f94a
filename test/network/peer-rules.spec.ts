import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { describe, expect, it } from 'vitest'
import { peerRulesMax } from '../../src/limits.ts'
import { parsePeerName, parsePeerRules, peerName } from '../../src/network/peer-rules.ts'
import { identityOf } from './support.ts'

const { address, peerId } = identityOf(1)
const kubo = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5'

describe('parsePeerRules', () => {
  it('takes a secp256k1 peer id and its address, in any case, for the same peer', () => {
    const { allow, deny } = parsePeerRules({ allow: [address.toUpperCase().replace('0X', '0x'), peerId, kubo], deny: [peerId] })
    expect(allow).toEqual(new Set([address, kubo]))
    expect(deny).toEqual(new Set([address]))
  })

  it('tells an empty allow-list, which allows nobody, from none', () => {
    expect(parsePeerRules({}).allow).toBeUndefined()
    expect(parsePeerRules({ allow: [] }).allow).toEqual(new Set())
  })

  it.each([
    ['peers', null], ['peers', []], ['peers', 'x'], ['peers.allow', { allow: address }], ['peers.deny', { deny: null }], ['peers.deny[0]', { deny: [7] }],
    ['peers.allow[1]', { allow: [address, 'x'] }], ['peers.allow[0]', { allow: ['0x12'] }], ['peers.deny[0]', { deny: [''] }],
    ['peers.deny[0]', { deny: ['1'.repeat(100_000)] }], ['peers.deny[0]', { deny: [`/ip4/127.0.0.1/tcp/1/p2p/${peerId}`] }]
  ])('names %s when it is %o', (name, rules: unknown) => {
    expect(() => parsePeerRules(rules as never)).toThrow(expect.objectContaining({
      name: 'InvalidArgumentError', message: expect.stringContaining(`${name} must be `) as string
    }))
  })

  it('takes as many peers as a list may have, and no more', () => {
    const most = Array.from({ length: peerRulesMax }, () => address)
    expect(parsePeerRules({ deny: most }).deny.size).toBe(1)
    expect(() => parsePeerRules({ deny: [...most, address] })).toThrow('peers.deny must be a list of at most 100000 peers')
  })
})

describe('peerName', () => {
  it('is the address where there is one, and else the peer id', async () => {
    expect(peerName(peerIdFromString(peerId))).toBe(address)
    for (const type of ['Ed25519', 'RSA'] as const) {
      const other = peerIdFromPrivateKey(await generateKeyPair(type))
      expect(peerName(other)).toBe(other.toString())
      expect(parsePeerName(other.toString())).toBe(other.toString())
    }
  })
})
