import { decode, encode } from '@ipld/dag-pb'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import { decodeDagPb, decodeDagPbLinks } from '../../src/format/dag-pb.ts'
import type { PBNode } from '@ipld/dag-pb'

const digests = fc.uint8Array({ minLength: 32, maxLength: 32 })
const usualCids = fc.tuple(fc.constantFrom(0x55, 0x70), digests).map(([code, digest]) => CID.createV1(code, create(0x12, digest)))
const otherCids = fc.oneof(
  digests.map(digest => CID.createV0(create(0x12, digest))),
  fc.tuple(fc.constantFrom(0x55, 0x71, 0x129), fc.uint8Array({ maxLength: 40 })).map(([code, digest]) => CID.createV1(code, create(0, digest)))
)
const names = fc.oneof(fc.string({ maxLength: 20 }), fc.string({ unit: 'grapheme', maxLength: 200 }))
const sizes = fc.oneof(fc.nat(300), fc.maxSafeNat())
const data = fc.uint8Array({ maxLength: 300 })

const usualNodes = fc.record({
  Links: fc.array(fc.record({ Hash: usualCids, Name: names, Tsize: sizes }), { maxLength: 8 }), Data: data
}, { requiredKeys: ['Links'] })
const otherNodes = fc.record({
  Links: fc.array(fc.record({ Hash: fc.oneof(usualCids, otherCids), Name: names, Tsize: sizes }, { requiredKeys: ['Hash'] }), { maxLength: 8 }),
  Data: data
}, { requiredKeys: ['Links'] })

/** Names stand in the order of their bytes in every block that the encoder takes. */
function encoded (node: PBNode): Uint8Array {
  const named = node.Links.filter(({ Name }) => Name !== undefined && Name !== '')
  const unnamed = node.Links.filter(({ Name }) => Name === undefined || Name === '')
  named.sort((a, b) => Buffer.compare(Buffer.from(a.Name ?? ''), Buffer.from(b.Name ?? '')))
  return encode({ ...node, Links: [...unnamed, ...named] })
}

/** What a decoder makes of bytes, to be compared: CIDs by their bytes. */
function seen (read: () => PBNode): unknown {
  try {
    const { Links, Data } = read()
    return { Data: Data === undefined ? undefined : [...Data], Links: Links.map(({ Hash, Name, Tsize }) => [Hash.toString(), Name, Tsize]) }
  } catch {
    return 'refused'
  }
}

function linksSeen (read: () => CID[]): unknown {
  try {
    return read().map(String)
  } catch {
    return 'refused'
  }
}

function agrees (bytes: Uint8Array): void {
  expect(seen(() => decodeDagPb(bytes))).toEqual(seen(() => decode(bytes)))
  expect(linksSeen(() => decodeDagPbLinks(bytes))).toEqual(linksSeen(() => decode(bytes).Links.map(({ Hash }) => Hash)))
}

describe('decodeDagPb', () => {
  it('reads what the general decoder reads', () => {
    fc.assert(fc.property(fc.oneof(usualNodes, otherNodes), node => { agrees(encoded(node)) }), { numRuns: 500 })
  })

  it('reads and refuses what the general decoder does when bytes are changed, lost or added', () => {
    fc.assert(fc.property(fc.oneof(usualNodes, otherNodes), fc.nat(), fc.nat(255), fc.constantFrom('change', 'lose', 'add', 'cut'),
      (node, place, byte, how) => {
        const bytes = encoded(node)
        const at = bytes.length === 0 ? 0 : place % bytes.length
        const [before, after] = [bytes.subarray(0, at), bytes.subarray(at + 1)]
        if (how === 'change') agrees(new Uint8Array([...before, byte, ...after]))
        else if (how === 'lose') agrees(new Uint8Array([...before, ...after]))
        else if (how === 'add') agrees(new Uint8Array([...before, byte, ...bytes.subarray(at)]))
        else agrees(before)
      }), { numRuns: 3000 })
  })

  it('keeps nothing of the block but its data', () => {
    const cid = CID.createV1(0x55, create(0x12, new Uint8Array(32).fill(1)))
    const bytes = encode({ Links: [{ Hash: cid, Name: 'a', Tsize: 1 }], Data: new Uint8Array([1, 2]) })
    const node = decodeDagPb(bytes)
    expect(node.Data?.buffer).toBe(bytes.buffer)
    bytes.fill(0)
    expect(node.Links[0]?.Hash.equals(cid)).toBe(true)
    expect(node.Links[0]?.Hash.bytes.buffer).not.toBe(bytes.buffer)
  })
})
