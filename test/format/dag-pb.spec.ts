import { decode, encode } from '@ipld/dag-pb'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import { decodeDagPb } from '../../src/format/dag-pb.ts'
import type { PBLink, PBNode } from '@ipld/dag-pb'

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 })
const cid = fc.oneof(
  fc.tuple(fc.constantFrom(0x55, 0x70), digest).map(([code, bytes]) => CID.createV1(code, create(0x12, bytes))),
  { weight: 5, arbitrary: digest.map(bytes => CID.createV1(0x55, create(0x12, bytes))) },
  digest.map(bytes => CID.createV0(create(0x12, bytes))),
  digest.map(bytes => CID.createV1(0x0129, create(0x13, bytes))),
  fc.uint8Array({ minLength: 1, maxLength: 40 }).map(bytes => CID.createV1(0x71, create(0, bytes)))
)
const name = fc.option(fc.oneof(fc.constant(''), fc.string(), fc.string({ unit: 'binary' })), { nil: undefined })
const edges = [0, 127, 128, 2 ** 28 - 1, 2 ** 28, 2 ** 31, 2 ** 32, 2 ** 48, Number.MAX_SAFE_INTEGER]
const size = fc.option(fc.oneof(fc.nat(), fc.constantFrom(...edges)), { nil: undefined })
const link = fc.record({ cid, name, size }).map(({ cid, name, size }): PBLink => ({
  Hash: cid, ...(name === undefined ? {} : { Name: name }), ...(size === undefined ? {} : { Tsize: size })
}))
const data = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined })

function bytesOf (links: readonly PBLink[], content: Uint8Array | undefined): Uint8Array {
  const sorted = [...links].sort((a, b) => Buffer.compare(Buffer.from(a.Name ?? ''), Buffer.from(b.Name ?? '')))
  return encode({ Links: sorted, ...(content === undefined ? {} : { Data: content }) })
}

/** What comes of it, in a form in which all of it can be compared. */
function outcome (read: (bytes: Uint8Array) => PBNode, bytes: Uint8Array): unknown {
  try {
    const { Links, Data } = read(bytes)
    return {
      data: Data === undefined ? undefined : [...Data],
      links: Links.map(({ Hash, ...rest }) => ({
        ...rest, text: Hash.toString(), version: Hash.version, code: Hash.code, bytes: [...Hash.bytes],
        hash: [Hash.multihash.code, Hash.multihash.size, ...Hash.multihash.digest], multihash: [...Hash.multihash.bytes]
      }))
    }
  } catch (error) {
    return { error: error instanceof Error ? error.message : error }
  }
}

describe('decodeDagPb', () => {
  it('reads what the general decoder reads, and as it does', () => {
    fc.assert(fc.property(fc.array(link, { maxLength: 12 }), data, (links, content) => {
      const bytes = bytesOf(links, content)
      expect(outcome(decodeDagPb, bytes)).toEqual(outcome(decode, bytes))
    }), { numRuns: 500 })
  })

  it('makes of a block that is damaged anywhere what the general decoder makes of it', () => {
    const damaged = fc.tuple(fc.array(link, { minLength: 1, maxLength: 4 }), data, fc.nat(), fc.nat(255), fc.constantFrom('set', 'cut', 'put', 'omit'))
    fc.assert(fc.property(damaged, ([links, content, where, byte, how]) => {
      const bytes = [...bytesOf(links, content)]
      const at = where % bytes.length
      if (how === 'cut') bytes.length = at
      else bytes.splice(at, how === 'put' ? 0 : 1, ...(how === 'omit' ? [] : [byte]))
      const changed = Uint8Array.from(bytes)
      expect(outcome(decodeDagPb, changed)).toEqual(outcome(decode, changed))
    }), { numRuns: 2_000 })
  })

  it('refuses what the general decoder refuses in a single link, whichever byte of it is another one', () => {
    const bytes = bytesOf([{ Hash: CID.createV1(0x70, create(0x12, new Uint8Array(32).fill(7))), Name: 'n', Tsize: 300 }], Uint8Array.of(8, 1))
    for (let at = 0; at < bytes.length; at++) {
      for (let byte = 0; byte < 256; byte++) {
        const changed = bytes.slice()
        changed[at] = byte
        expect(outcome(decodeDagPb, changed)).toEqual(outcome(decode, changed))
      }
    }
  })

  it('has one buffer for the links of a block, and none of the block itself', () => {
    const [one, two] = [1, 2].map(byte => CID.createV1(0x55, create(0x12, new Uint8Array(32).fill(byte))))
    const bytes = bytesOf([{ Hash: one as CID, Name: '', Tsize: 1 }, { Hash: two as CID, Name: '', Tsize: 2 ** 40 }], Uint8Array.of(8, 2))
    const [first, second] = decodeDagPb(bytes).Links.map(({ Hash }) => Hash)
    expect(first?.bytes.buffer).toBe(second?.multihash.digest.buffer)
    expect(first?.bytes.buffer).not.toBe(bytes.buffer)
    bytes.fill(0)
    expect([String(first), String(second)]).toEqual([String(one), String(two)])
  })
})
