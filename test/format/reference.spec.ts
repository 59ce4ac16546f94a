import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { CID as ForeignCID } from '../../node_modules/@libp2p/memory/node_modules/multiformats/dist/src/cid.js'
import { DataNodeError, InvalidArgumentError, InvalidReferenceError } from '../../src/errors.ts'
import { cidOf } from '../../src/format/digest.ts'
import { formatTicket, formatUrn, parseReference } from '../../src/format/reference.ts'
import { ticketBytesMax } from '../../src/limits.ts'
import { hexOf } from './arbitraries.ts'
import { errorOf, readVectors } from './vectors.ts'

const vectors = readVectors('reference') as {
  valid: { name: string, text: string, cid: string, providers: string[] }[]
  invalid: { name: string, text: string, error: string, scheme?: string }[]
  written: { cid: string, urn: string, providers: string[], ticket: string }[]
}

const cid = CID.parse('bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354')

const multiaddr = fc.tuple(fc.constantFrom('/ip4/192.0.2.1/tcp/', '/dns4/router.example/tcp/', '/ip6/2001:db8::1/tcp/'), fc.string({ unit: 'binary' }))
  .map(([start, end]) => start + end.replace(/[\s\p{Cc}\p{Cs}]/gu, ''))

describe('parseReference', () => {
  it.each(vectors.valid)('reads: $name', ({ text, cid, providers }) => {
    const parsed = parseReference(text)
    expect(parsed.cid.toString()).toBe(cid)
    expect(parsed.providers).toEqual(providers)
  })

  it.each(vectors.invalid)('refuses: $name', ({ text, error, scheme }) => {
    const thrown = errorOf(() => parseReference(text))
    expect(thrown.name).toBe(error)
    expect(thrown.details['scheme']).toBe(scheme)
    expect(thrown.message).toContain(JSON.stringify(text.slice(0, 20)).slice(0, -1))
  })

  it('takes a CID object, of any version and any copy of multiformats', () => {
    for (const object of [cid, cid.toV0(), ForeignCID.parse(cid.toString()) as unknown as CID]) {
      const parsed = parseReference(object)
      expect(parsed.cid).toBeInstanceOf(CID)
      expect(parsed.cid.toString()).toBe(cid.toString())
      expect(parsed.providers).toEqual([])
    }
  })

  it('refuses a CID object that is not of a root', () => {
    expect(() => parseReference(CID.parse('bafkqaaa'))).toThrow(InvalidReferenceError)
  })

  it('tells the caller of a sub path to refer to the root', () => {
    expect(errorOf(() => parseReference(`/ipfs/${cid}/a/b`)).message).toContain('refer to the bundle by its root')
    expect(errorOf(() => parseReference(`/ipfs/${cid}/a/b`)).details['path']).toBe('a/b')
  })

  it('reads 4096 characters and refuses 4097', () => {
    const padded = (characters: number): string => `ipfs://${cid}?x=`.padEnd(characters, 'y')
    expect(parseReference(padded(4096)).cid.toString()).toBe(cid.toString())
    expect(errorOf(() => parseReference(padded(4097)))).toMatchObject({ name: 'InvalidReferenceError', details: { max: 4096, actual: 4097 } })
  })

  it.each(['z', 'Qm', 'ipfs://z', '/ipfs/z', 'urn:blob:v2:ipfs:z', 'ipfs://?', 'urn:blob:v2:ipfs:', '/', 'a'])('refuses %s and 200 KB more at once', (start) => {
    for (const character of ['1', 'z', ':', '/', '&', '%']) {
      expect(() => parseReference(start + character.repeat(200_000))).toThrow(InvalidReferenceError)
    }
  })

  it.each([null, undefined, 0, {}, [], Symbol('x'), () => cid])('refuses %o', (value) => {
    expect(() => parseReference(value as string)).toThrow(InvalidReferenceError)
  })

  it('throws nothing but its own errors, whatever the text', () => {
    const start = fc.constantFrom('', 'ipfs://', '/ipfs/', 'urn:blob:v2:ipfs:', 'urn:', 'https://', `ipfs://${cid}`, `ipfs://${cid}?provider=`, `/ipfs/${cid}`, cid.toString())
    fc.assert(fc.property(start, fc.string({ unit: 'binary' }), (prefix, text) => {
      try {
        parseReference(prefix + text)
      } catch (error) {
        expect(error).toBeInstanceOf(DataNodeError)
        expect(['InvalidReferenceError', 'ForeignReferenceError']).toContain((error as Error).name)
      }
    }))
  })
})

describe('formatUrn and formatTicket', () => {
  it.each(vectors.written)('write $ticket', ({ cid, urn, providers, ticket }) => {
    expect(formatUrn(CID.parse(cid))).toBe(urn)
    expect(formatTicket(CID.parse(cid), providers)).toBe(ticket)
  })

  it('are read back, within their bounds', () => {
    fc.assert(fc.property(hexOf(32), fc.array(multiaddr, { maxLength: 12 }), (digest, providers) => {
      const root = cidOf(digest)
      const ticket = formatTicket(root, providers)
      const kept = parseReference(ticket).providers
      expect(ticket.length).toBeLessThanOrEqual(ticketBytesMax)
      expect(ticket).toMatch(/^[\x21-\x7e]+$/)
      expect(new URL(ticket).searchParams.getAll('provider')).toEqual(kept)
      expect(kept).toEqual([...new Set(providers)].slice(0, 8))
      expect(parseReference(ticket).cid.equals(root)).toBe(true)
      expect(parseReference(formatUrn(root)).cid.equals(root)).toBe(true)
      expect(formatUrn(root)).toHaveLength(76)
    }))
  })

  it('fills a ticket up to 2048 characters and not one more', () => {
    const provider = (characters: number): string => '/dns4/'.padEnd(characters, 'a')
    const rest = ticketBytesMax - `ipfs://${cid}?provider=`.length
    expect(formatTicket(cid, [provider(rest)])).toHaveLength(ticketBytesMax)
    expect(formatTicket(cid, [provider(rest + 1), '/ip4/192.0.2.1/tcp/1'])).toBe(`ipfs://${cid}?provider=/ip4/192.0.2.1/tcp/1`)
  })

  it('writes version 1 of version 0', () => {
    expect(formatTicket(cid.toV0(), [])).toBe(`ipfs://${cid}`)
    expect(formatUrn(cid.toV0())).toBe(`urn:blob:v2:ipfs:${cid}`)
  })

  it.each(['', '/', 'https://gateway.example', '/a b', '/a\n', '/\ud800'])('refuses the provider %j', (provider) => {
    expect(() => formatTicket(cid, [provider])).toThrow(InvalidArgumentError)
  })

  it('refuse a CID that is not of a root', () => {
    expect(() => formatUrn(CID.parse('bafkqaaa'))).toThrow(InvalidReferenceError)
    expect(() => formatTicket(CID.parse('bafkqaaa'), [])).toThrow(InvalidReferenceError)
  })
})
