import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DamagedTrailError } from '../../src/errors.ts'
import { decodeAnchorRecord, encodeAnchorRecord } from '../../src/format/anchor-record.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import type { AnchorRecord } from '../../src/format/anchor-record.ts'
import type { AnchorReceipt } from '../../src/interface/anchor.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import { mutations } from './arbitraries.ts'
import { again, at, errorOf, mutate, readVectors } from './vectors.ts'

interface HeadVector { size: number, root: Hex }
const vectors = readVectors('anchor-record') as {
  valid: { name: string, anchored: (HeadVector & { receipt: AnchorReceipt })[], waiting?: HeadVector & { anchor: string }, bytes: Hex }[]
  invalid: { name: string, bytes: Hex, error: string }[]
}
const head = <T extends HeadVector>({ root, ...rest }: T): Omit<T, 'root'> & { root: Uint8Array } => ({ ...rest, root: fromHex(root) })
const recordOf = ({ anchored, waiting }: typeof vectors.valid[number]): AnchorRecord =>
  ({ anchored: anchored.map(head), ...waiting && { waiting: head(waiting) } })

test.each(vectors.valid)('writes and reads: $name', vector => {
  expect(toHex(encodeAnchorRecord(recordOf(vector)))).toBe(vector.bytes)
  expect(decodeAnchorRecord(fromHex(vector.bytes))).toEqual(recordOf(vector))
})

test.each(vectors.invalid)('refuses: $name', ({ bytes, error }) => {
  expect(errorOf(() => decodeAnchorRecord(fromHex(bytes))).name).toBe(error)
})

test('refuses changed bytes, or they are another record', () => {
  const bytes = fromHex(at(vectors.valid, -1).bytes)
  fc.assert(fc.property(mutations, changes => {
    const changed = mutate(bytes, changes)
    expect(again(changed, decodeAnchorRecord, encodeAnchorRecord) ?? changed).toEqual(changed)
  }), { numRuns: 150 })
})

test('refuses to write what it would not read', () => {
  const record = recordOf(at(vectors.valid, -1))
  const wrong = at(record.anchored, 0)
  expect(() => encodeAnchorRecord({ anchored: [{ ...wrong, size: -1 }] })).toThrow(DamagedTrailError)
  expect(() => encodeAnchorRecord({ anchored: [{ ...wrong, root: new Uint8Array(31) }] })).toThrow(DamagedTrailError)
})
