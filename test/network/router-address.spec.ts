import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidArgumentError } from '../../src/errors.ts'
import { addressCharactersMax } from '../../src/limits.ts'
import { parseMultiaddr, parseRouterAddress, peerIdOf } from '../../src/network/router-address.ts'
import { identityOf } from './support.ts'

const account = `0x${'Ab'.repeat(20)}`
const { peerId } = identityOf(1)

describe('parseRouterAddress', () => {
  it.each([
    ['router.example:9100', '/dns/router.example/tcp/9100'],
    ['localhost:1', '/dns/localhost/tcp/1'],
    ['127.0.0.1:65535', '/ip4/127.0.0.1/tcp/65535'],
    ['[::1]:9100', '/ip6/::1/tcp/9100'],
    ['my_router-1:9100', '/dns/my_router-1/tcp/9100']
  ])('reads an address at %s', (place, expected) => {
    const { label, multiaddr, expectedAddress, expectedPeerId } = parseRouterAddress(`${account}@${place}`)
    expect(label).toBe(`${account}@${place}`)
    expect(multiaddr.toString()).toBe(expected)
    expect(expectedAddress).toBe(account.toLowerCase())
    expect(expectedPeerId).toBeUndefined()
  })

  it('reads a multiaddr, and who it leads to', () => {
    const bare = parseRouterAddress('/dns4/router.example/tcp/9100')
    expect(bare).toEqual({ label: '/dns4/router.example/tcp/9100', multiaddr: parseMultiaddr('/dns4/router.example/tcp/9100') })
    expect(parseRouterAddress(`/ip4/127.0.0.1/tcp/1/p2p/${peerId}`).expectedPeerId).toBe(peerId)
  })

  it.each([
    '', 'router.example:9100', `${account}@router.example`, `${account}@:9100`, `${account}@router.example:0`,
    `${account}@router.example:65536`, `${account}@router.example:9100/x`, `${account}@::1:9100`, `${account}@[::1%eth0]:9100`,
    `${account}@[127.0.0.1]:9100`, `${account}@256.0.0.1:9100`, `${account}@a..b:9100`, `${account}@-a:9100`,
    `${account}@a b:9100`,
    `${account}@a@b:9100`, `${account.slice(0, -1)}@a:9100`, `${account}@${'a'.repeat(64)}:9100`, `x${account}@a:9100`,
    '/ip4/127.0.0.1/tcp', '/ip4/300.0.0.1/tcp/1', '/nothing/x', '/', `/p2p/${peerId}`, '/ip4/127.0.0.1/tcp/1/p2p/x'
  ])('refuses %j and shows it', (text) => {
    expect(() => parseRouterAddress(text)).toThrow(InvalidArgumentError)
    expect(() => parseRouterAddress(text)).toThrow(text === '' ? '""' : text.slice(0, 40))
  })

  it('does not parse a text that is too long', () => {
    const longest = `/dns4/${'a'.repeat(addressCharactersMax - '/dns4//tcp/9100'.length)}/tcp/9100`
    expect(longest.length).toBe(addressCharactersMax)
    expect(parseRouterAddress(longest).label).toBe(longest)
    expect(() => parseRouterAddress(`/p2p/${'1'.repeat(200_000)}`)).toThrow(InvalidArgumentError)
    expect(() => parseRouterAddress(longest.replace('a', 'aa'))).toThrow(InvalidArgumentError)
  })

  it('throws nothing else, whatever it is given', () => {
    const text = fc.string().chain(text => fc.constantFrom(text, `/${text}`, `${account}@${text}`))
    fc.assert(fc.property(text, (text) => {
      try {
        parseRouterAddress(text)
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidArgumentError)
      }
    }))
  })
})

describe('peerIdOf', () => {
  it('is in the form that libp2p prints, or not there', () => {
    expect(peerIdOf(parseMultiaddr('/ip4/127.0.0.1/tcp/1'))).toBeUndefined()
    expect(peerIdOf(parseMultiaddr(`/ip4/127.0.0.1/tcp/1/p2p/${peerId}`))?.toString()).toBe(peerId)
  })
})
