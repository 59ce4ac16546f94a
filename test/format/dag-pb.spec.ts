import { decode, encode } from '@ipld/dag-pb'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import { decodeDagPb } from '../../src/format/dag-pb.ts'
import { blocks, brokenBlocks } from './dag-pb-blocks.ts'
import type { PBNode } from '@ipld/dag-pb'

/** What a decoder makes of bytes, to be compared: CIDs by their bytes. */
function seen (read: () => PBNode): unknown {
  try {
    const { Links, Data } = read()
    return { Data: Data === undefined ? undefined : [...Data], Links: Links.map(({ Hash, Name, Tsize }) => [Hash.toString(), Name, Tsize]) }
  } catch {
    return 'refused'
  }
}

function agrees (bytes: Uint8Array): void {
  expect(seen(() => decodeDagPb(bytes))).toEqual(seen(() => decode(bytes)))
}

describe('decodeDagPb', () => {
  it('reads what the general decoder reads', () => {
    fc.assert(fc.property(blocks, agrees), { numRuns: 500 })
  })

  it('reads and refuses what the general decoder does when bytes are changed, lost or added', () => {
    fc.assert(fc.property(brokenBlocks, agrees), { numRuns: 3000 })
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
