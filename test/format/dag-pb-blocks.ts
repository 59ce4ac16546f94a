import { encode } from '@ipld/dag-pb'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
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

const usualNodes: fc.Arbitrary<PBNode> = fc.record({
  Links: fc.array(fc.record({ Hash: usualCids, Name: names, Tsize: sizes }), { maxLength: 8 }), Data: data
}, { requiredKeys: ['Links'] })
const otherNodes: fc.Arbitrary<PBNode> = fc.record({
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

/** Blocks of dag-pb as they usually are, and as they may be. */
export const blocks: fc.Arbitrary<Uint8Array> = fc.oneof(usualNodes, otherNodes).map(encoded)

/** Such blocks in which a byte was changed, lost or added, or from which on everything was cut off. */
export const brokenBlocks: fc.Arbitrary<Uint8Array> = fc.tuple(
  blocks, fc.nat(), fc.nat(255), fc.constantFrom('change', 'lose', 'add', 'cut')
).map(([bytes, place, byte, how]) => {
  const at = bytes.length === 0 ? 0 : place % bytes.length
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at + 1)]
  if (how === 'change') return new Uint8Array([...before, byte, ...after])
  if (how === 'lose') return new Uint8Array([...before, ...after])
  return how === 'add' ? new Uint8Array([...before, byte, ...bytes.subarray(at)]) : before
})
